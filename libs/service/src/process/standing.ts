/** How far the service of a process is: asked by the stepped clock, and by sources before their first append. */
import type { CheckpointRow } from '@mora/eventing';
import type { ProcessorCursor, SourceHead } from '@mora/grpc';
import type { ServiceLife } from '../service-life.js';

/** Rows that processors and parts have stored of a source. */
export const checkpointsOf = async (life: ServiceLife, source: string): Promise<readonly CheckpointRow[]> =>
  (await life.claims()).filter((row) => row.source === source);

export const headsOf = async ({ cores }: ServiceLife): Promise<readonly SourceHead[]> => {
  const heads = await Promise.all(
    cores.map(async ({ store }) =>
      (await store.heads()).map(({ shard, position }) => ({
        source: store.source,
        shard,
        epoch: store.epoch(),
        position,
      })),
    ),
  );
  return heads.flat();
};

export const cursorsOf = ({ consumers, processors }: ServiceLife): readonly ProcessorCursor[] =>
  consumers.flatMap((consumer, at) =>
    [...consumer.cursors()].map(([key, cursor]) => {
      const slash = key.lastIndexOf('/');
      return {
        processor: processors[at]?.name ?? '',
        source: key.slice(0, slash),
        shard: Number(key.slice(slash + 1)),
        ...cursor,
      };
    }),
  );
