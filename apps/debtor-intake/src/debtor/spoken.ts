/** Who said which field of a debtor last: the word of the greatest order stands, whenever it comes. */
import { compareOrder, type Order } from '../case/balance.js';

/** Whose word a field is; of one order the greater account id counts, so that it does not matter which came first. */
export interface Speaker extends Order {
  readonly accountId: string;
}

/** By field of the file format; what nobody said is not there. */
export type Spoken = Readonly<Record<string, Speaker>>;

/** The fields that one record said. Persisted, in events and side rows. */
export interface Saying extends Speaker {
  readonly fields: readonly string[];
}

export const compareSpeakers = (a: Speaker, b: Speaker): number =>
  compareOrder(a, b) || (a.accountId === b.accountId ? 0 : a.accountId < b.accountId ? -1 : 1);

/** Whether a word counts beside what was said before. */
export const isOver = (speaker: Speaker, before: Speaker | undefined): boolean =>
  before === undefined || compareSpeakers(speaker, before) > 0;

export const spokenBy = (speaker: Speaker, fields: readonly string[]): Spoken =>
  Object.fromEntries(fields.map((field) => [field, speaker]));

/** Of what `later` says only that which is over `before`. */
export const newerThan = (before: Spoken, later: Spoken): Spoken =>
  Object.fromEntries(Object.entries(later).filter(([field, speaker]) => isOver(speaker, before[field])));

/** By field the greater of two. */
export const greater = (a: Spoken, b: Spoken): Spoken => ({ ...a, ...newerThan(a, b) });

export const without = (spoken: Spoken, fields: readonly string[]): Spoken =>
  Object.fromEntries(Object.entries(spoken).filter(([field]) => !fields.includes(field)));

export const spokenOf = (sayings: readonly Saying[]): Spoken =>
  sayings.map(({ fields, ...speaker }) => spokenBy(speaker, fields)).reduce(greater, {});

export const sayingsOf = (spoken: Spoken): readonly Saying[] => {
  const entries = Object.entries(spoken);
  const speakers = entries.map(([, speaker]) => speaker);
  const distinct = speakers.filter((one, i) => speakers.findIndex((other) => compareSpeakers(one, other) === 0) === i);
  return distinct.map(({ businessDate, bankSequence, accountId }) => ({
    businessDate,
    bankSequence,
    accountId,
    fields: entries
      .filter(([, by]) => compareSpeakers(by, { businessDate, bankSequence, accountId }) === 0)
      .map(([field]) => field),
  }));
};
