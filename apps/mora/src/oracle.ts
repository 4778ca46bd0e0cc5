/** Gathers the oracle's evidence: the carrier's and SMSC's own logs, the bank's records, and the guard's store read by plain SQL. */
import {
  type BankRecord,
  type CarrierRecord,
  checkSafety,
  readLog,
  type SafetyReport,
  type SmscRecord,
  type StopFact,
  type StoredVerdict,
} from '@mora/simulation';
import type { BankPlayer } from './bank-player.js';
import type { Installation } from './installation.js';

interface GuardRow {
  readonly type: string;
  readonly data: string;
  readonly wall: string;
}

const COMPLAINTS = new Set(['complaint']);

const verdictOf = (row: GuardRow): StoredVerdict => {
  const d = JSON.parse(row.data);
  return {
    contactId: d.contactId,
    debtorId: d.debtorId,
    accountId: d.context.accountId,
    result: row.type === 'ContactPermitted' ? 'allowed' : 'denied',
    channel: d.channel,
    judgedAt: d.verdict.judgedAt,
  };
};

/** Stops as the guard's own store has them; number-bound ones are left to the guard's counters, the oracle knows no phoneRefs. */
const stopOf = (row: GuardRow, liftedAt: ReadonlyMap<string, string>): StopFact | null => {
  const d = JSON.parse(row.data);
  if (d.scope === 'number' || d.scope === 'number-everywhere') return null;
  return {
    kind: d.kind === 'cured' ? 'cure' : COMPLAINTS.has(d.kind) ? 'complaint' : 'stop',
    scope: d.scope === 'account' ? 'account' : 'debtor',
    debtorId: d.debtorId,
    accountId: d.accountId,
    channels: d.channels,
    committedWallAt: row.wall,
    liftedWallAt: liftedAt.get(d.stopId) ?? null,
  };
};

export const judge = async (input: {
  readonly installation: Installation;
  readonly player: BankPlayer;
  readonly until: string;
  readonly paths: { readonly carrier: string; readonly smsc: string };
}): Promise<SafetyReport> => {
  const pool = input.installation.pool('contact-guard');
  const rows = async (types: readonly string[]): Promise<readonly GuardRow[]> =>
    (
      await pool.query<GuardRow>(
        `select type, data, to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as wall
         from events where type = any($1) order by shard, position`,
        [types],
      )
    ).rows;
  const lifted = new Map((await rows(['StopLifted'])).map((row) => [JSON.parse(row.data).stopId as string, row.wall]));
  const stops = (await rows(['StopPlaced'])).flatMap((row) => stopOf(row, lifted) ?? []);
  const bankLog: readonly BankRecord[] = input.player.recordsUntil(input.until);
  return checkSafety({
    carrier: readLog<CarrierRecord>(input.paths.carrier),
    smsc: readLog<SmscRecord>(input.paths.smsc),
    bankLog,
    verdicts: (await rows(['ContactPermitted', 'ContactDenied'])).map(verdictOf),
    facts: stops,
  });
};
