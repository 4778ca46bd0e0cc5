/** What a person can do about a problem, in a few words. */
import type { Problem } from '../../bank-record/record.js';

const HOW: readonly (readonly [RegExp, string])[] = [
  [/encoding of the file/, 'write the row in the encoding of the other rows'],
  [
    /fields, the header has/,
    'give the row as many fields as the header; put a value that holds the separator in quotes',
  ],
  [/quote/, 'put the whole field in quotes, and double the quotes inside it'],
  [/are kept/, 'shorten the field'],
  [/longer than|more than \d+ items/, 'shorten the field'],
  [/is missing/, 'fill in the field'],
  [/day of the calendar/, 'write the day as 2026-11-02'],
  [/is not an instant/, 'write the instant with its zone, as 2026-11-02T01:30:00.000Z'],
  [
    /spreadsheet|zeros|shortened|scientific/,
    'export ids as text; an id that is right so is confirmed with: mora parked redrive ID --as-is',
  ],
  [/no case of this account/, 'load the account, then: mora parked redrive --reason "no case of this account"'],
  [/before with another body/, 'give the changed record a bank_event_id of its own'],
  [/lies in the future|ahead/, 'correct the date, or drive the record again when the day has come'],
  [/contradict/, 'ask the bank which of the two records holds, and send it with a higher bank_sequence'],
  [/is not one of|not a known/, 'write one of the values of the format'],
  [/could not be stored/, 'drive it again: mora parked redrive ID'],
];

export const mendOf = ({ reason }: Pick<Problem, 'reason'>): string =>
  HOW.find(([pattern]) => pattern.test(reason))?.[1] ?? 'correct the field and load the file again';
