/** Denied contacts per rule and hour: how often a rule denied, and how often it alone stood in the way. */
import type { Columns, RowOf } from '../projection/view.js';
import { defineView, isSimulated } from './define.js';

const columns = {
  day: 'text',
  hour: 'int',
  channel: 'text',
  tier: 'text',
  term: 'text',
  arm: 'text',
  rule: 'text',
  simulated: 'bool',
  shard: 'int',
  denied: 'int',
  only_this_rule: 'int',
} as const satisfies Columns;
export type DenialRow = RowOf<typeof columns>;

export const denialsView = defineView({
  name: 'verdict_rules_daily',
  version: 1,
  columns,
  key: ['day', 'hour', 'channel', 'tier', 'term', 'arm', 'rule', 'simulated', 'shard'],
  empty: ([day, hour, channel, tier, term, arm, rule, simulated, shard]) =>
    ({ day, hour, channel, tier, term, arm, rule, simulated, shard, denied: 0, only_this_rule: 0 }) as DenialRow,
  on: {
    'guard.ContactDenied': {
      keys: ({ channel, context, verdict }, { event, at, place }) =>
        [...new Set(verdict.deniedBy)].map((rule) => [
          place.day(at),
          place.hour(at),
          channel,
          context.tier,
          context.term,
          context.arm,
          rule,
          isSimulated(event),
          event.shard,
        ]),
      evolve: (row, { verdict }) => ({
        ...row,
        denied: (row.denied ?? 0) + 1,
        only_this_rule: (row.only_this_rule ?? 0) + (new Set(verdict.deniedBy).size === 1 ? 1 : 0),
      }),
    },
  },
});
