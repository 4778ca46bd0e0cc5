/**
 * The additive counters by business day and hour and by every cut that the fact itself carries. Summed on read. A fact that was
 * recorded on a later day than the one it counts for is told apart by `known_day`: what a day said when it was over stays known.
 */
import { COUNTED_TYPES, COUNTERS, type Counter, countOf } from '../figures/counters.js';
import type { RowOf, View } from '../projection/view.js';
import { isSimulated } from './define.js';

const counters = Object.fromEntries(COUNTERS.map((name) => [name, 'int'])) as Readonly<Record<Counter, 'int'>>;

const columns = {
  day: 'text',
  known_day: 'text',
  hour: 'int',
  tier: 'text',
  term: 'text',
  arm: 'text',
  strategy: 'text',
  script: 'text',
  voice: 'text',
  detail: 'text',
  currency: 'text',
  simulated: 'bool',
  shard: 'int',
  ...counters,
} as const;
export type DailyFiguresRow = RowOf<typeof columns>;

const KEY = [
  'day',
  'known_day',
  'hour',
  'tier',
  'term',
  'arm',
  'strategy',
  'script',
  'voice',
  'detail',
  'currency',
  'simulated',
  'shard',
] as const;

const ZEROES = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Readonly<Record<Counter, number>>;

export const dailyFiguresView: View<typeof columns> = {
  name: 'daily_figures',
  version: 2,
  columns,
  key: KEY,
  indexes: [],
  types: COUNTED_TYPES,
  keysOf: (event, place) => {
    const count = countOf(event);
    if (count === null) return [];
    const { cut } = count;
    const { at } = event.meta;
    const on = count.on ?? at;
    const dimensions = [cut.tier, cut.term, cut.arm, cut.strategy, cut.script, cut.voice, cut.detail, cut.currency];
    return [[place.day(on), place.day(at), place.hour(on), ...dimensions, isSimulated(event), event.shard]];
  },
  evolve: (row, event, key) => {
    const count = countOf(event);
    if (count === null) return row;
    const next: Record<string, unknown> = row === null ? emptyOf(key) : { ...row };
    for (const [name, n] of Object.entries(count.add)) next[name] = ((next[name] as number | null) ?? 0) + n;
    return next as DailyFiguresRow;
  },
};

const emptyOf = (key: readonly unknown[]): Record<string, unknown> => ({
  ...Object.fromEntries(KEY.map((name, i) => [name, key[i]])),
  ...ZEROES,
});
