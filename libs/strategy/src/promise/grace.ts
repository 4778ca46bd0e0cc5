import { addDays, type LocalDate } from '@mora/business-time';
import type { Strategy } from '../package/schema.js';

/** Last day on which a payment counts as on time; the strategy's own days where the bank gave none. */
export const graceEnd = (strategy: Strategy, dueDate: LocalDate, graceDays: number | null): LocalDate =>
  addDays(dueDate, graceDays ?? strategy.about.graceDaysIfUnknown);

export const inGrace = (strategy: Strategy, today: LocalDate, dueDate: LocalDate, graceDays: number | null): boolean =>
  today <= graceEnd(strategy, dueDate, graceDays);
