/**
 * The epochs of a store, as this process knows them. Another server begins a new one; every head tells its epoch, so that
 * whoever still writes under the old one is refused.
 */
import { type EpochBase, EpochMoved, type Head, HistoryLost, type StoreWrite } from '@mora/eventing';
import type { QueryResultRow } from 'pg';
import type { Connections } from './connections.js';
import { type KnownServer, type ServerIdentity, sameServer } from './identity.js';

export type HeadRow = Head & QueryResultRow & { readonly epoch: number };

export const OTHER_SERVER = 'another server or timeline';

export class Epochs {
  private known: readonly EpochBase[] = [];
  /** How far this process knows each shard to have been in this epoch. */
  private readonly reached = new Map<number, number>();

  constructor(
    private readonly source: string,
    private readonly connections: Connections,
    private readonly server: KnownServer,
  ) {}

  current(): number {
    return this.known.at(-1)?.epoch ?? 1;
  }

  bases(): readonly EpochBase[] {
    return this.known;
  }

  async refresh(): Promise<void> {
    const bases = (
      await this.connections.query<EpochBase & QueryResultRow>(
        'select epoch, shard, base::float8 as base from epochs order by epoch, shard',
      )
    ).map((r) => ({ ...r }));
    const epoch = bases.at(-1)?.epoch ?? 1;
    if (epoch > this.current()) this.reached.clear();
    if (epoch >= this.current()) this.known = bases;
  }

  /** Learns of an epoch that another replica began. */
  async notice(epoch: number): Promise<void> {
    if (epoch > this.current()) await this.refresh();
  }

  /**
   * Begins an epoch on a server; without a reason only if no other replica has done so since the server is this one.
   * @returns the epoch's number
   */
  async enter(server: ServerIdentity, reason?: string): Promise<number> {
    await this.connections.transaction(async (client) => {
      await client.query('select shard from heads order by shard for update');
      const { rows } = await client.query<ServerIdentity & QueryResultRow>(
        'select system_id as "systemId", timeline from store_identity',
      );
      if (reason === undefined && sameServer(rows[0]!, server)) return;
      await client.query(
        `with begun as (
           insert into epochs (epoch, shard, base, reason)
           select (select greatest(max(epoch), $2) + 1 from epochs), shard, position, $1 from heads returning epoch, shard)
         update heads h set epoch = begun.epoch from begun where h.shard = begun.shard`,
        [reason ?? OTHER_SERVER, this.current()],
      );
      await client.query('update store_identity set system_id = $1, timeline = $2', [server.systemId, server.timeline]);
    });
    this.server.accept(server);
    await this.refresh();
    return this.current();
  }

  /** @throws EpochMoved | HistoryLost */
  compare({ shard, epoch, position }: HeadRow): void {
    const current = this.current();
    if (epoch > current) throw new EpochMoved(this.source, current, epoch);
    if (epoch < current) throw new HistoryLost(`${this.source} was in epoch ${current}, its store now is in ${epoch}`);
    const reached = this.reached.get(shard) ?? 0;
    if (position < reached)
      throw new HistoryLost(`${this.source} shard ${shard} had ${reached} events, its store now has ${position}`);
  }

  note({ epoch, heads }: StoreWrite): void {
    if (epoch !== this.current()) return;
    for (const { shard, to } of heads) this.reached.set(shard, Math.max(to, this.reached.get(shard) ?? 0));
  }
}
