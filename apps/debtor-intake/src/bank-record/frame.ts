import { addDays, type LocalDate } from '@mora/business-time';
import type { IdTrust } from './identifier.js';

/** What the door knows when a record comes in. */
export interface Frame {
  /** In the bank's zone. */
  readonly today: LocalDate;
  readonly ids: IdTrust;
  /** Keyed: from a hash nobody finds a record by guessing. */
  readonly hash: (text: string) => string;
}

/** Days that dates of a record may lie ahead of today; an episode's due date may be the next statement's. */
const AHEAD = { business_date: 1, posted_at: 1, value_date: 10, due_date: 62 } as const;
export type LimitedDate = keyof typeof AHEAD;

export const IN_FUTURE = 'lies in the future';

/** A date that orders or settles must have come, or nearly; null: it has. */
export const futureProblem = (field: LimitedDate, date: LocalDate, today: LocalDate): string | null => {
  const days = AHEAD[field];
  return date > addDays(today, days) ? `${IN_FUTURE}: more than ${days === 1 ? 'a day' : `${days} days`} ahead` : null;
};
