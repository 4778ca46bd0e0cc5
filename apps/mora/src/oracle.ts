/**
 * Gathers the oracle's evidence: the carrier's and SMSC's own logs, the bank's records, what was loaded besides, and the guard's store
 * read by plain SQL.
 */
import { seededSecrets } from '@mora/keys';
import {
  type CarrierRecord,
  SafetyOracle,
  type SafetyReport,
  type SmscRecord,
  type StopFact,
  type StoredVerdict,
  streamLog,
} from '@mora/simulation';
import type { BankPlayer } from './bank-player.js';
import type { Installation } from './installation.js';
import { joined, loadedAccounts } from './loaded-accounts.js';
import { rowsOf } from './store-rows.js';

interface GuardRow {
  readonly type: string;
  readonly stream: string;
  readonly data: string;
  readonly wall: string;
}

/** Under the stepped clock a payment is known everywhere before the next instant. */
const BANK_CURE_KNOWN_WITHIN_MS = 60_000;

/** Read field by field: a whole verdict is eight kilobytes, and there are tens of thousands. */
const VERDICTS = `select shard, position, d->>'contactId' as "contactId", d->>'debtorId' as "debtorId",
    d->'context'->>'accountId' as "accountId", case type when 'ContactPermitted' then 'allowed' else 'denied' end as result,
    d->>'channel' as channel, d->'verdict'->>'judgedAt' as "judgedAt"
  from (select shard, position, type, data::json as d from events
        where type in ('ContactPermitted', 'ContactDenied') and (shard, position) > ($1, $2)
        order by shard, position limit $3) v
  order by shard, position`;

const STOPS = `select shard, position, type, stream, data,
    to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as wall
  from events
  where type in ('StopPlaced', 'StopLifted', 'AccountNoted', 'HaltNoted', 'HaltEnded') and (shard, position) > ($1, $2)
  order by shard, position limit $3`;

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
  const oracle = new SafetyOracle();
  const stops = new StopFacts();
  for await (const row of rowsOf<GuardRow>(pool, STOPS)) stops.note(row);
  for (const fact of stops.facts) oracle.fact(fact);
  for (const record of streamLog<CarrierRecord>(input.paths.carrier)) oracle.carrier(record);
  for (const record of streamLog<SmscRecord>(input.paths.smsc)) oracle.smsc(record);
  for (const record of input.player.recordsUntil(input.until)) oracle.bank(record);
  const { owners, accounts } = input.player.register();
  const inBook = new Set(Object.values(accounts).flat());
  const loaded = await loadedAccounts(
    input.installation.pool('debtor-intake'),
    seededSecrets(input.installation.facts.seed),
    (accountId) => inBook.has(accountId),
  );
  for (const record of loaded.postings) oracle.bank(record);
  for await (const { shard: _, position: __, ...verdict } of rowsOf<StoredVerdict>(pool, VERDICTS))
    oracle.verdict(verdict);
  return oracle.report({
    owners: joined(owners, loaded.owners),
    accounts: joined(accounts, loaded.accounts),
    limits: { bankCureKnownWithinMs: BANK_CURE_KNOWN_WITHIN_MS },
  });
};
