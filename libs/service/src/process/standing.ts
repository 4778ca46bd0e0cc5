/** How far the services of a process are: asked by the stepped clock, and by sources before their first append. */
import type { CheckpointRow } from '@mora/eventing';
import type { ProcessorCursor, SourceHead } from '@mora/grpc';
import type { OpenService } from '../open-service.js';

/** Rows that consumers have stored of a source. */
export const checkpointsOf = async (
  services: readonly OpenService[],
  source: string,
): Promise<readonly CheckpointRow[]> => {
  const rows = await Promise.all(
    services.map(async ({ store, parts }) => [
      ...(await Promise.all((parts.processors ?? []).map(({ name }) => store?.checkpoints(name) ?? []))).flat(),
      ...((await parts.claims?.()) ?? []),
    ]),
  );
  return rows.flat().filter((row) => row.source === source);
};

export const headsOf = async ({ store }: OpenService): Promise<readonly SourceHead[]> =>
  (await store?.heads())?.map(({ shard, position }) => ({
    source: store!.source,
    shard,
    epoch: store!.epoch(),
    position,
  })) ?? [];

export const cursorsOf = ({ consumers, parts }: OpenService): readonly ProcessorCursor[] =>
  consumers.flatMap((consumer, at) =>
    [...consumer.cursors()].map(([key, cursor]) => {
      const slash = key.lastIndexOf('/');
      return {
        processor: parts.processors?.[at]?.name ?? '',
        source: key.slice(0, slash),
        shard: Number(key.slice(slash + 1)),
        ...cursor,
      };
    }),
  );

export const earliest = (all: readonly (string | null)[]): string | null =>
  all.reduce((least, due) => (due !== null && (least === null || due < least) ? due : least), null);
