/** Installs the tables' first rows of a new store; of an existing one checks its shards. */
import { FIRST_INSTANT, ShardCountMismatch } from '@mora/eventing';
import type { Connections } from './connections.js';
import type { ServerIdentity } from './identity.js';

/**
 * @returns the server on which the store last began an epoch
 * @throws ShardCountMismatch
 */
export const install = async (
  on: Connections,
  { source, shards }: { readonly source: string; readonly shards: number },
  server: ServerIdentity,
): Promise<ServerIdentity> => {
  await on.query(
    'insert into store_identity (source, shards, system_id, timeline) values ($1, $2, $3, $4) on conflict do nothing',
    [source, shards, server.systemId, server.timeline],
  );
  const [stored] = await on.query<{ shards: number; system_id: string; timeline: number }>(
    'select shards, system_id, timeline from store_identity',
  );
  if (stored!.shards !== shards) throw new ShardCountMismatch(stored!.shards, shards);
  await on.query(
    `insert into heads (shard, position, last_at) select s, 0, $2 from generate_series(0, $1 - 1) s on conflict do nothing`,
    [shards, FIRST_INSTANT],
  );
  await on.query(
    `insert into epochs (epoch, shard, base, reason) select 1, s, 0, 'installed' from generate_series(0, $1 - 1) s
     on conflict do nothing`,
    [shards],
  );
  return { systemId: stored!.system_id, timeline: stored!.timeline };
};
