/**
 * Which records of a fetch count. kafkajs leaves out those of aborted transactions, but takes a record with the key 0x00000000
 * (an integer zero) for the end of the abort and lets through what follows, and misses one record where a fetch begins inside
 * two aborted transactions. Between two control records of a producer either all count or none: one that is left out, or the
 * abort's own marker, tells for all.
 */

export interface FetchedRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly isControlRecord: boolean;
  readonly batchContext: {
    readonly firstOffset: string;
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

/** @param fetched everything, control records too @param kept what kafkajs lets through */
export const committedOf = (
  fetched: readonly FetchedRecord[],
  kept: readonly FetchedRecord[],
): readonly FetchedRecord[] => {
  if (!fetched.some((record) => record.batchContext?.inTransaction)) return kept;
  const passed = new Set(kept);
  const open = new Map<string, { aborted: boolean; readonly records: FetchedRecord[] }>();
  const dropped = new Set<FetchedRecord>();
  const close = (producerId: string, aborted: boolean) => {
    const held = open.get(producerId);
    if (held && (aborted || held.aborted)) for (const record of held.records) dropped.add(record);
    open.delete(producerId);
  };
  for (const record of fetched) {
    const { producerId, inTransaction } = record.batchContext;
    if (record.isControlRecord) close(producerId, isAbort(record.key));
    else if (inTransaction) {
      const held = open.get(producerId) ?? { aborted: false, records: [] };
      held.aborted ||= !passed.has(record);
      held.records.push(record);
      open.set(producerId, held);
    }
  }
  for (const producerId of [...open.keys()]) close(producerId, false);
  return kept.filter((record) => !dropped.has(record));
};

/** A control record's key: version, then type 0 = abort, 1 = commit. */
const isAbort = (key: Buffer | null): boolean => key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
