import type { RawRecord } from './record.js';

const saidOf = (raw: RawRecord, without: readonly string[]): string =>
  JSON.stringify(
    Object.entries(raw)
      .filter(([field, value]) => value !== '' && !without.includes(field))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Of the fields that say something, by name: neither the order of columns nor the channel makes another record. */
export const bodyHashOf = (raw: RawRecord, hash: (text: string) => string): string => hash(saidOf(raw, ['record']));

/** Of what a record says, whatever its name: two records of one order and this hash say the same. */
export const contentHashOf = (raw: RawRecord, hash: (text: string) => string): string =>
  hash(`content|${saidOf(raw, ['record', 'bank_event_id'])}`);
