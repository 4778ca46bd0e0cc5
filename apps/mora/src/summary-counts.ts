/** Counts of the main job's summary: the same numbers as the figures of the whole time, under the figures' definitions. */
import type { Figures } from './answers.js';

export interface SummaryCounts {
  readonly calls: number;
  readonly connected: number;
  readonly reached: number;
  /** By number, not the accounts that made them. */
  readonly promises: number;
  readonly promisesKept: number;
  readonly cured: number;
  readonly handedOver: number;
  readonly sms: number;
  readonly deniedPerRule: Readonly<Record<string, number>>;
}

export const countsOf = (figures: Figures): SummaryCounts => {
  const of = (id: string): number => figures.figures.find((f) => f.id === id && f.cut === null)?.numerator ?? 0;
  return {
    calls: of('dialed'),
    connected: of('connect_rate'),
    reached: of('reach_rate'),
    promises: of('promises_made'),
    promisesKept: of('promises_kept'),
    cured: of('cured'),
    handedOver: of('hand_overs'),
    sms: of('sms_submitted'),
    deniedPerRule: deniedPerRule(figures.denials),
  };
};

const deniedPerRule = (denials: Figures['denials']): Readonly<Record<string, number>> => {
  const sums = new Map<string, number>();
  for (const { rule, denied } of denials) sums.set(rule, (sums.get(rule) ?? 0) + denied);
  return Object.fromEntries(sums);
};
