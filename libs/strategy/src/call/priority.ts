import type { AmountBand, Strategy } from '../package/schema.js';
import type { PriorityInputs } from '../records.js';

const bandRank: Readonly<Record<AmountBand, number>> = { 'very-large': 0, large: 1, normal: 2, small: 3 };

type Class = Strategy['dayPlan']['priority']['order'][number];

const classOf = (strategy: Strategy, i: PriorityInputs): Class => {
  if (i.isCallback) return 'callback';
  if (i.override === 'broken') return 'broken';
  if (i.lastGraceDay) return 'last-grace-day';
  if (i.tier !== 'L') return i.tier;
  return i.script === strategy.dayPlan.scripts.L.second ? 'L-second' : 'L-first';
};

/**
 * Order of dialling when lines are short, lower first: class of the call, then higher amount band, then older. 0–699.
 */
export const dialPriority = (strategy: Strategy, inputs: PriorityInputs): number => {
  const rank = strategy.dayPlan.priority.order.indexOf(classOf(strategy, inputs));
  const age = Math.min(24, Math.max(0, inputs.dpd));
  return rank * 100 + bandRank[inputs.band] * 25 + (24 - age);
};
