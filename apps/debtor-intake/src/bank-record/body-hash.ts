import { createHash } from 'node:crypto';
import type { RawRecord } from './record.js';

/** SHA-256 of the fields that say something, by name: neither the order of columns nor the channel makes another record. */
export const bodyHashOf = (raw: RawRecord): string => {
  const said = Object.entries(raw)
    .filter(([field, value]) => value !== '' && field !== 'record')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
};
