import { draw, shuffled } from './chance.js';
import { type Client, readClients } from './clients.js';
import type { BookRow } from './columns.js';
import { invented } from './invented.js';

export interface BookOptions {
  readonly seed: number | string;
  /** Default: every client once. Fewer: the first of a seeded shuffle; more: rows repeat under new ids. */
  readonly accounts?: number;
  /** First entry date; accounts enter on this and the next two days. */
  readonly from: string;
}

/** A book at hand: any row can be had at any time, nothing is kept but the clients. */
export interface Book {
  readonly size: number;
  readonly entryDates: readonly string[];
  /** The row as it stands in the file of its entry date. `index` from 0. */
  row(index: number): BookRow;
  /** Place in the book of an account id, or −1. */
  indexOf(accountId: string): number;
}

const ENTRY_DAYS = 3;
const MONEY_MINOR = 100;
const MINIMUM_FLOOR = 1_000;

/** min(balance, max(TWD 1,000, 10 % of it)) in minor units; nothing without a positive balance. */
export const minimumDueOf = (balance: number): number =>
  balance <= 0 ? 0 : Math.round(Math.min(balance, Math.max(MINIMUM_FLOOR, balance / 10)) * MONEY_MINOR);

export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00.000Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** Minor units as a decimal string of major units. */
export const major = (minor: number): string => {
  const sign = minor < 0 ? '-' : '';
  const digits = String(Math.abs(minor)).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

const dollars = (amount: number): string => major(amount * MONEY_MINOR);

/** A run of overdue months is one earlier episode, opened in its first month. */
const earlierEpisodes = (earlierMonths: readonly number[], dueDate: string): string =>
  earlierMonths
    .flatMap((status, index) => {
      const older = earlierMonths[index + 1] ?? 0;
      return status >= 1 && older < 1 ? [`${monthsBefore(dueDate, index + 1)}|`] : [];
    })
    .join(';');

/** The day after the due date, some months earlier. */
const monthsBefore = (dueDate: string, months: number): string => {
  const day = new Date(`${dueDate}T00:00:00.000Z`);
  const due = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - months, day.getUTCDate()));
  return addDays(due.toISOString().slice(0, 10), 1);
};

const idOf = (index: number): string => String(index + 1).padStart(7, '0');

const rowOf = (client: Client, index: number, { seed, from }: BookOptions): BookRow => {
  const entryDate = addDays(from, index % ENTRY_DAYS);
  const dueDate = addDays(entryDate, -1);
  const minimum = minimumDueOf(client.balance);
  const person = invented(seed, index);
  return {
    bank_event_id: `account-${entryDate}-A${idOf(index)}`,
    bank_sequence: String(Math.floor(index / ENTRY_DAYS) + 1),
    business_date: entryDate,
    customer_no: `C${idOf(index)}`,
    name: person.name,
    surname: person.surname,
    salutation: '客户',
    language: 'zh-CN',
    time_zone: 'Asia/Shanghai',
    phones: person.phones,
    account_id: `A${idOf(index)}`,
    product: 'credit-card',
    currency: 'TWD',
    credit_limit: dollars(client.limit),
    statement_balance: dollars(client.balance),
    minimum_due: major(minimum),
    paid_since_statement: '0.00',
    overdue_amount: major(minimum),
    interest_to_date: '',
    late_fee: '',
    fees_as_of: '',
    due_date: dueDate,
    dpd: '1',
    cycle: dueDate.slice(0, 7),
    card_tail: person.cardTail,
    grace_days: '3',
    tolerance: '50.00',
    bureau_report_on: '',
    card_action_on: '',
    card_status: 'active',
    credit_report_status: 'not-reported',
    autopay: draw(seed, 'autopay', index) < 0.06 ? 'on' : 'off',
    autopay_next_try_at: '',
    offers: '',
    benefits_text: '',
    recorded_months: String(client.earlierMonths.length),
    delinquency_history: client.earlierMonths.join(';'),
    payment_history: client.paid.map(dollars).join(';'),
    earlier_episodes: earlierEpisodes(client.earlierMonths, dueDate),
    promise_history: '',
    flags: '',
  };
};

/** Opens the sample book of a seed. @throws {RangeError} when `accounts` is no whole number of at least 1. */
export const openBook = async (options: BookOptions): Promise<Book> => {
  const { accounts } = options;
  if (accounts !== undefined && (!Number.isSafeInteger(accounts) || accounts < 1)) {
    throw new RangeError('accounts must be a whole number of at least 1');
  }
  const clients = await readClients();
  const size = accounts ?? clients.length;
  const order = shuffled(options.seed, clients.length);
  return {
    size,
    entryDates: Array.from({ length: ENTRY_DAYS }, (_, day) => addDays(options.from, day)),
    row: (index) => {
      if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`no row ${index}`);
      return rowOf(clients[order[index % clients.length]!]!, index, options);
    },
    indexOf: (accountId) => {
      const index = /^A\d{7,}$/.test(accountId) ? Number(accountId.slice(1)) - 1 : -1;
      return index < size ? index : -1;
    },
  };
};

/** Every row of the book, by entry date and then in order, as in its files. */
export async function* makeBook(options: BookOptions): AsyncGenerator<BookRow> {
  const book = await openBook(options);
  for (let day = 0; day < ENTRY_DAYS; day += 1) {
    for (let index = day; index < book.size; index += ENTRY_DAYS) yield book.row(index);
  }
}
