/** Gathers the oracle's evidence: the carrier's and SMSC's own logs, the bank's records, and the guard's store read by plain SQL. */
import {
  type CarrierRecord,
  checkSafety,
  readLog,
  type SafetyReport,
  type SmscRecord,
  type StopFact,
  type StoredVerdict,
} from '@mora/simulation';
import type { QueryResultRow } from 'pg';
import type { BankPlayer } from './bank-player.js';
import type { Installation } from './installation.js';

interface GuardRow {
  readonly type: string;
  readonly stream: string;
  readonly data: string;
  readonly wall: string;
}

/** Under the stepped clock a payment is known everywhere before the next instant. */
const BANK_CURE_KNOWN_WITHIN_MS = 60_000;

/** Read field by field: a whole verdict is eight kilobytes, and there are tens of thousands. */
const VERDICTS = `select d->>'contactId' as "contactId", d->>'debtorId' as "debtorId", d->'context'->>'accountId' as "accountId",
    case type when 'ContactPermitted' then 'allowed' else 'denied' end as result,
    d->>'channel' as channel, d->'verdict'->>'judgedAt' as "judgedAt"
  from (select shard, position, type, data::json as d from events
        where type in ('ContactPermitted', 'ContactDenied') offset 0) v
  order by shard, position`;

type Open = { readonly fact: StopFact; readonly index: number };

/** Facts in the guard's store after which nothing may begin, each with the first lift that came after it. */
export class StopFacts {
  readonly facts: StopFact[] = [];
  private readonly open = new Map<string, Open>();

  note(row: GuardRow): void {
    const d = JSON.parse(row.data);
    switch (row.type) {
      case 'StopPlaced':
        // The oracle knows no phoneRefs: stops on a number are judged by whose the number is.
        if (d.scope === 'number' || d.scope === 'number-everywhere') return;
        return this.begin(`stop|${d.stopId}`, {
          kind: d.kind === 'complaint' ? 'complaint' : 'stop',
          scope: d.scope,
          debtorId: d.debtorId,
          accountId: d.accountId,
          channels: d.channels,
          committedWallAt: row.wall,
        });
      case 'StopLifted':
        return this.end(`stop|${d.stopId}`, row.wall);
      case 'AccountNoted': {
        const debtorId = row.stream.slice('contacts-'.length);
        const key = `cure|${debtorId}|${d.accountId}`;
        if (d.status !== 'cured') return this.end(key, row.wall);
        return this.begin(key, {
          kind: 'cure',
          scope: 'account',
          debtorId,
          accountId: d.accountId,
          committedWallAt: row.wall,
        });
      }
      case 'HaltNoted':
        return this.halt(row, d);
      case 'HaltEnded':
        return this.end(`halt|${row.stream}|${d.haltId}`, row.wall);
    }
  }

  private halt(
    row: GuardRow,
    d: {
      haltId: string;
      scope: { strategyHash: unknown; tier: unknown; channel: 'call' | 'sms' | null; debtorId: string | null };
    },
  ): void {
    const { strategyHash, tier, channel, debtorId } = d.scope;
    if (strategyHash !== null || tier !== null) return;
    this.begin(`halt|${row.stream}|${d.haltId}`, {
      kind: 'halt',
      scope: debtorId === null ? 'all' : 'debtor',
      debtorId,
      ...(channel === null ? {} : { channels: [channel] }),
      committedWallAt: row.wall,
    });
  }

  private begin(key: string, fact: StopFact): void {
    if (this.open.has(key)) return;
    this.open.set(key, { fact, index: this.facts.push(fact) - 1 });
  }

  private end(key: string, liftedWallAt: string): void {
    const open = this.open.get(key);
    if (!open) return;
    this.facts[open.index] = { ...open.fact, liftedWallAt };
    this.open.delete(key);
  }
}

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
        `select type, stream, data, to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as wall
         from events where type = any($1) order by shard, position`,
        [types],
      )
    ).rows;
  const stops = new StopFacts();
  for (const row of await rows(['StopPlaced', 'StopLifted', 'AccountNoted', 'HaltNoted', 'HaltEnded'])) stops.note(row);
  const { owners, accounts } = input.player.register();
  return checkSafety({
    carrier: readLog<CarrierRecord>(input.paths.carrier),
    smsc: readLog<SmscRecord>(input.paths.smsc),
    bankLog: input.player.recordsUntil(input.until),
    verdicts: (await pool.query<StoredVerdict & QueryResultRow>(VERDICTS)).rows,
    facts: stops.facts,
    owners,
    accounts,
    limits: { bankCureKnownWithinMs: BANK_CURE_KNOWN_WITHIN_MS },
  });
};
