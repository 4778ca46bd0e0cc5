/**
 * The epochs of a store, as this process knows them. Another history begins a new one; every head tells its epoch, so that
 * whoever still writes under the old one is refused. What an epoch lost, a person confirms.
 */
import { type EpochBase, EpochMoved, type LostHistory, type StoreWrite } from '@mora/eventing';
import type { PoolClient, QueryResultRow } from 'pg';
import type { Connections } from './connections.js';
import { type ServerIdentity, sameServer } from './identity.js';
import { type HeadRow, type KnownHistory, OTHER_SERVER } from './known-history.js';

interface EpochRow extends QueryResultRow, EpochBase {
  readonly reason: string;
  readonly begun_ms: number;
  /** Others hold events that it lost, and nobody has confirmed it. */
  readonly open: boolean;
}

export class Epochs {
  private known: readonly EpochBase[] = [];
  private loss: LostHistory | null = null;

  constructor(
    private readonly source: string,
    private readonly connections: Connections,
    private readonly history: KnownHistory,
  ) {}

  current(): number {
    return this.known.at(-1)?.epoch ?? 1;
  }

  bases(): readonly EpochBase[] {
    return this.known;
  }

  lost(): LostHistory | null {
    return this.loss;
  }

  async refresh(): Promise<void> {
    const rows = await this.connections.query<EpochRow>(
      `select epoch, shard, base::float8 as base, reason, extract(epoch from begun_at)::float8 * 1000 as begun_ms,
         lost and confirmed_at is null as open
       from epochs order by epoch, shard`,
    );
    const epoch = rows.at(-1)?.epoch ?? 1;
    if (epoch < this.current()) return;
    const missed = rows.filter((r) => r.epoch > this.current()).map((r) => this.history.beyond(r.shard, r.base));
    const isFirst = this.known.length === 0;
    this.known = rows.map(({ epoch, shard, base }) => ({ epoch, shard, base }));
    this.loss = lossOf(rows);
    this.history.inEpoch(epoch);
    const most = isFirst ? 0 : missed.reduce((sum, n) => sum + n, 0);
    if (most > 0 && this.loss === null) await this.noteLost(`${most} events that this process has seen are gone`);
  }

  /** Learns of an epoch that another replica began, and of a person's word. */
  async notice(epoch: number): Promise<void> {
    if (epoch > this.current() || this.loss !== null) await this.refresh();
  }

  /** Begins an epoch if the store is another than this process knows. */
  async settle(): Promise<void> {
    if (this.history.suspicion !== null) await this.enter(await this.connections.identity());
  }

  /**
   * Begins an epoch on a server; without a reason only if no other replica has done so since the store became another.
   * @returns the epoch's number
   */
  async enter(server: ServerIdentity, reason?: string): Promise<number> {
    await this.connections.transaction((client) => this.begin(client, server, reason));
    this.history.accept(server);
    await this.refresh();
    return this.current();
  }

  private async begin(client: PoolClient, server: ServerIdentity, reason?: string): Promise<void> {
    const { rows: heads } = await client.query<{ shard: number; position: number; epoch: number }>(
      'select shard, position::float8 as position, epoch from heads order by shard for update',
    );
    const { rows } = await client.query<ServerIdentity & QueryResultRow>(
      'select system_id as "systemId", timeline from store_identity',
    );
    const why = this.history.suspicion ?? OTHER_SERVER;
    const isSettled = sameServer(rows[0]!, server) && (why === OTHER_SERVER || heads[0]!.epoch > this.current());
    if (reason === undefined && isSettled) return;
    const lost = reason !== undefined || heads.some((h) => this.history.beyond(h.shard, h.position) > 0);
    await client.query(
      `with begun as (
         insert into epochs (epoch, shard, base, reason, lost)
         select (select greatest(max(epoch), $2) + 1 from epochs), shard, position, $1, $3 from heads returning epoch, shard)
       update heads h set epoch = begun.epoch from begun where h.shard = begun.shard`,
      [reason ?? why, this.current(), lost],
    );
    await client.query('update store_identity set system_id = $1, timeline = $2', [server.systemId, server.timeline]);
  }

  async noteLost(reason: string): Promise<void> {
    await this.connections.query(
      'update epochs set lost = true, reason = $2 where epoch = $1 and not lost and confirmed_at is null',
      [this.current(), reason],
    );
    await this.refresh();
  }

  async confirm(by: string): Promise<number> {
    const rows = await this.connections.query<{ epoch: number }>(
      `update epochs set confirmed_at = clock_timestamp(), confirmed_by = $1 where lost and confirmed_at is null
       returning epoch`,
      [by],
    );
    await this.refresh();
    return new Set(rows.map(({ epoch }) => epoch)).size;
  }

  /** Of heads read under their lock. @throws EpochMoved */
  compare(heads: readonly HeadRow[]): void {
    const current = this.current();
    this.history.compare(heads, this.history.remembered());
    const newer = heads.find(({ epoch }) => epoch > current);
    if (newer) throw new EpochMoved(this.source, current, newer.epoch);
    if (this.history.suspicion !== null) throw new EpochMoved(this.source, current, current + 1);
  }

  note({ epoch, heads }: StoreWrite): void {
    for (const { shard, to, lastAt } of heads) this.history.note(epoch, { shard, position: to, lastAt });
  }
}

const lossOf = (rows: readonly EpochRow[]): LostHistory | null => {
  const open = rows.find((row) => row.open);
  return open ? { epoch: open.epoch, reason: open.reason, begunAt: new Date(open.begun_ms).toISOString() } : null;
};
