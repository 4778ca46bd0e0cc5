import { z } from 'zod';

/**
 * What a `when` or a bracket may ask of the facts; `!x` is its opposite. The floors of the content, as the strategy has them
 * (`interest`, `fee`, `cardUse`, `credit`, `legal` and what stands on them), are part of the condition, so no line can forget
 * them.
 */
export const conditionName = z.enum([
  'statement',
  'paid',
  'inGrace',
  'afterGrace',
  'graceEnd',
  'lastGraceDay',
  'amounts',
  'interest',
  'fee',
  'fees',
  'cardUse',
  'posted',
  'lateFee',
  'benefits',
  'offers',
  'bureau',
  'credit',
  'legal',
  'finalDay',
  'hotline',
  'others',
  'spokenBefore',
  'historyBroken',
  'historyRefused',
  'historySpoken',
  'historyNever',
  'historyUntold',
  'promise',
  'partPaid',
  'autopay',
  'humanSlot',
  'seatFree',
  'shared',
]);
export type ConditionName = z.infer<typeof conditionName>;

export const condition = z.string().refine((text) => conditionName.safeParse(text.replace(/^!/, '')).success, {
  error: (issue) => `unknown condition ${String(issue.input)}; known: ${conditionName.options.join(', ')}`,
});
