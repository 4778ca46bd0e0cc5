/** One row per shard: what its contacts cost or may still cost, by the hour of their permits, in minor units; kept for two days. */
import { HOUR_MS } from '@mora/business-time';
import { hourOf } from '@mora/contact-rules';

/** Persisted shape. */
export interface SpendRow {
  readonly hours: readonly { readonly at: string; readonly minor: number }[];
}

const KEEP_MS = 48 * HOUR_MS;

/** Persisted. */
export const spendKey = (shard: number): string => `spend/${shard}`;

export const spendRow = (row: unknown): SpendRow => (row ?? { hours: [] }) as SpendRow;

/** @param minor below 0: given back @param permittedAt decides the hour @param at now */
export const rowSpent = (row: SpendRow, minor: number, permittedAt: string, at: string): SpendRow => {
  const hour = hourOf(permittedAt);
  const oldest = new Date(Date.parse(at) - KEEP_MS).toISOString();
  const known = row.hours.find((one) => one.at === hour)?.minor ?? 0;
  const others = row.hours.filter((one) => one.at !== hour && one.at >= oldest);
  return hour < oldest ? { hours: others } : { hours: [...others, { at: hour, minor: Math.max(0, known + minor) }] };
};
