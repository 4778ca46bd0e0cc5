/** What intake keeps beside its streams, in memory, beside a store in memory. */
import { type EventStore, NO_WRITE, START } from '@mora/eventing';
import type { Secrets } from '@mora/keys';
import { keyIdFor } from '@mora/keys';
import { localKms } from '../keys/kms.js';
import type { IntakeTables, ParkedFilter, ParkedInput } from '../outbound/intake-tables.js';

export class MemoryTables implements IntakeTables {
  private readonly parked = new Map<string, ParkedInput>();
  private outage = 0;

  constructor(
    private readonly store: EventStore,
    private readonly secrets: Secrets,
  ) {}

  /** The next n questions to the database fail. */
  breakDown(n: number): void {
    this.outage = n;
  }

  async rows(keys: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    if (this.outage > 0) {
      this.outage -= 1;
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    }
    let found: ReadonlyMap<string, unknown> = new Map();
    await this.store.locked([], async (session) => {
      found = await session.lockSide(keys);
      return NO_WRITE;
    });
    return found;
  }

  /** A key is stored with the debtor's first event, and is made of the seed. */
  async wrappedKeys(debtorIds: readonly string[]) {
    const { masterKeyId, masterKey, newKey } = this.secrets;
    const kms = localKms(masterKeyId, masterKey);
    const recorded = await this.recorded();
    const rows = debtorIds
      .filter((id) => recorded.has(id))
      .map(async (id) => {
        const key = newKey(id);
        return [id, { keyId: keyIdFor(key), wrapped: await kms.wrap(id, key) }] as const;
      });
    return new Map(await Promise.all(rows));
  }

  async park(rows: readonly ParkedInput[]): Promise<void> {
    for (const row of rows) {
      const before = this.parked.get(row.id);
      const { problems, eventKey, waitsFor } = row;
      if (before === undefined) this.parked.set(row.id, row);
      else if (before.state === 'parked') this.parked.set(row.id, { ...before, problems, eventKey, waitsFor });
    }
  }

  async list(filter: ParkedFilter): Promise<readonly ParkedInput[]> {
    const found = this.found(filter);
    const from = found.findIndex(({ id }) => id === filter.after) + 1;
    return found.slice(from, from + (filter.limit ?? 100));
  }

  async count(filter: ParkedFilter): Promise<number> {
    return this.found(filter).length;
  }

  async find(id: string): Promise<ParkedInput | null> {
    return this.parked.get(id) ?? null;
  }

  async waitingFor(keys: readonly string[]): Promise<readonly ParkedInput[]> {
    return [...this.parked.values()].filter(
      ({ waitsFor, state }) => state === 'parked' && waitsFor !== null && keys.includes(waitsFor),
    );
  }

  async redriven(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.parked.set(id, { ...this.parked.get(id)!, state: 'redriven' });
  }

  async replaced(eventKeys: readonly string[]): Promise<void> {
    for (const row of this.parked.values())
      if (row.state === 'parked' && row.eventKey !== null && eventKeys.includes(row.eventKey))
        this.parked.set(row.id, { ...row, state: 'replaced' });
  }

  async dropExpired(wallNow: string): Promise<number> {
    const expired = [...this.parked.values()].filter(({ expiresAt }) => expiresAt <= wallNow);
    for (const { id } of expired) this.parked.delete(id);
    return expired.length;
  }

  private found({ state, reason, file }: ParkedFilter): readonly ParkedInput[] {
    return [...this.parked.values()]
      .filter(({ channel, problems, ...row }) => {
        const shown = `${problems[0]?.field} ${problems[0]?.reason}`.toLowerCase();
        if (reason !== undefined && !shown.includes(reason.toLowerCase())) return false;
        if (file !== undefined && (channel.kind !== 'file' || channel.name !== file)) return false;
        return state === undefined || row.state === state;
      })
      .sort((a, b) => a.receivedAt.localeCompare(b.receivedAt) || a.channel.offset - b.channel.offset);
  }

  private async recorded(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for (const { shard, position } of await this.store.heads()) {
      const { events } = await this.store.read({ shard, after: START, limit: position });
      for (const { type, subject } of events) if (type === 'DebtorRecorded') ids.add(subject);
    }
    return ids;
  }
}
