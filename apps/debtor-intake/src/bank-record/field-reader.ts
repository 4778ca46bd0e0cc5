import { businessDate } from '@mora/business-time';
import { type Parsed, parseAmount } from './amount.js';
import { bankInstantOf, isBankDate } from './dates.js';
import { type Frame, futureProblem, type LimitedDate } from './frame.js';
import { hintOf } from './hint.js';
import { identifierProblem } from './identifier.js';
import type { Problem, RawRecord } from './record.js';

const LONGEST = 2_000;
const UNREADABLE = /[\p{Cc}\p{Cs}\uFFFD]/u;
/** Cf, Zl, Zp, private use, unassigned: what nobody sees, and what no font agrees on. */
const UNSEEN = /[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;
/** A list that says that there is nothing. */
const NOTHING = /^none$/i;
const MOST_PROBLEMS = 20;
const INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;

/** Reads named text fields into values; what cannot be read becomes a problem, and reading goes on. */
export class FieldReader {
  readonly problems: Problem[] = [];

  constructor(
    private readonly raw: RawRecord,
    private readonly frame: Pick<Frame, 'today' | 'ids'>,
  ) {}

  refuse(field: string, reason: string, value = this.raw[field] ?? ''): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ field, reason, value: hintOf(value) });
  }

  /** The text of a field; null when it says nothing or cannot be text. */
  text(field: string, max = LONGEST): string | null {
    const value = this.raw[field];
    if (value === undefined || value === '') return null;
    if (value.length > max) this.refuse(field, `is longer than ${max} characters`, value);
    else if (value.includes('\u0000')) this.refuse(field, 'contains NUL', value);
    else if (UNREADABLE.test(value)) this.refuse(field, 'contains control characters or undecodable bytes', value);
    else if (UNSEEN.test(value)) {
      this.refuse(field, `contains an invisible or unknown character at position ${value.search(UNSEEN) + 1}`, value);
    } else return value;
    return null;
  }

  /** An identifier of the bank; null when it says nothing or is none. */
  id(field: string): string | null {
    const value = this.raw[field];
    if (value === undefined || value === '') return null;
    return this.agree(field, value, identifierProblem(value, this.frame.ids));
  }

  mandatory(field: string, max = 200): string {
    if ((this.raw[field] ?? '') === '') this.refuse(field, 'is missing');
    return this.text(field, max) ?? '';
  }

  date(field: string): string | null {
    return this.read(field, dateOf);
  }

  /** A day that orders or settles. */
  dueBy(field: LimitedDate): string | null {
    const value = this.date(field);
    return value === null ? null : this.agree(field, value, futureProblem(field, value, this.frame.today));
  }

  /** An instant that settles; its day counts in the bank's zone. */
  instantBy(field: LimitedDate, zone: string): string | null {
    const value = this.instant(field);
    if (value === null) return null;
    return this.agree(field, value, futureProblem(field, businessDate(value, zone), this.frame.today));
  }

  instant(field: string): string | null {
    return this.read(field, (text) => {
      const value = bankInstantOf(text);
      return value === null ? no('is not an instant such as 2026-11-02T01:30:00.000Z') : { ok: true, value };
    });
  }

  integer(field: string, min: number, max: number): number | null {
    return this.read(field, (text) => integerOf(text, min, max));
  }

  amount(field: string, currency: string | null, allowNegative = false): number | null {
    if (currency === null) return null;
    return this.read(field, (text) => parseAmount(text, currency, allowNegative));
  }

  oneOf<T extends string>(field: string, values: readonly T[]): T | null {
    return this.read(field, (text) => choiceOf(text, values));
  }

  /** Items joined by `;`, parts of an item by `|`; `none` empties it. An item that cannot be read is one problem. */
  list<T>(field: string, parse: (parts: readonly string[]) => Parsed<T>, max = 200): readonly T[] {
    const text = this.text(field, 20_000);
    if (text === null || NOTHING.test(text)) return [];
    const items = text.split(';');
    if (items.length > max) {
      this.refuse(field, `has more than ${max} items`);
      return [];
    }
    return items.flatMap((item, index) => {
      const parsed = parse(item.split('|').map((part) => part.trim()));
      if (parsed.ok) return [parsed.value];
      this.refuse(field, `item ${index + 1} ${parsed.reason}`, item);
      return [];
    });
  }

  private agree(field: string, value: string, problem: string | null): string | null {
    if (problem === null) return value;
    this.refuse(field, problem, value);
    return null;
  }

  private read<T>(field: string, parse: (text: string) => Parsed<T>): T | null {
    const text = this.text(field, 200);
    if (text === null) return null;
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    this.refuse(field, parsed.reason, text);
    return null;
  }
}

const no = (reason: string) => ({ ok: false, reason }) as const;

export const dateOf = (text: string): Parsed<string> =>
  isBankDate(text) ? { ok: true, value: text } : no('is not a day of the calendar written YYYY-MM-DD');

/** An empty part of an item says nothing. */
export const dateOrNothing = (text: string | undefined): Parsed<string | null> =>
  text === undefined || text === '' ? { ok: true, value: null } : dateOf(text);

export const integerOf = (text: string, min: number, max: number): Parsed<number> => {
  if (!INTEGER.test(text)) return no('is not a whole number');
  const value = Number(text);
  return value < min || value > max ? no(`is not between ${min} and ${max}`) : { ok: true, value };
};

export const choiceOf = <T extends string>(text: string, values: readonly T[]): Parsed<T> => {
  const value = values.find((v) => v === text);
  return value === undefined ? no(`is not one of ${values.join(', ')}`) : { ok: true, value };
};
