/**
 * The simulated bank at the platform's door: hands in the book's files on their entry dates, then every record that the bank
 * makes, at its instant. It keeps nothing: after a restart it says the last hour again, and intake drops what it knows.
 */
import { join } from 'node:path';
import { type Book, type BookRow, major, writeBook } from '@mora/sample-book';
import {
  Bank,
  type BankAccount,
  type BankRecord,
  bankFactOfCall,
  bankFactOfSms,
  type CarrierRecord,
  type SmscRecord,
  streamLog,
} from '@mora/simulation';

/** What the player needs of intake. */
export interface BankInlet {
  submit(records: readonly Readonly<Record<string, string>>[]): Promise<void>;
  /** Absent: the rows of a day's file are handed in as records. */
  readonly loadFile?: (path: string) => Promise<void>;
  debtorIdOf(customerNo: string): string;
}

export interface BankPlayerOptions {
  readonly seed: string;
  readonly book: Book;
  readonly folder: string;
  /** What the outside world logged before; null: all of it comes by `hearCall` and `hearSms`. */
  readonly logs: { readonly carrier: string; readonly smsc: string } | null;
  readonly inlet: BankInlet;
  readonly from: string;
}

const HOUR_MS = 3_600_000;
/** The book's file of a day arrives before the day's records. */
const FILE_AT = 'T05:00:15.000+08:00';

const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

export class BankPlayer {
  private readonly bank: Bank;
  private readonly files: readonly { readonly at: string; readonly date: string }[];
  private sentThrough: string;
  private book: Promise<unknown> | null = null;

  /** @param resumedAt business time at which the clock stands. */
  constructor(
    private readonly options: BankPlayerOptions,
    resumedAt: string,
  ) {
    const accounts = accountsOf(options);
    this.bank = new Bank({ seed: options.seed, accounts });
    if (options.logs !== null) {
      for (const record of streamLog<CarrierRecord>(options.logs.carrier)) this.hearCall(record);
      for (const record of streamLog<SmscRecord>(options.logs.smsc)) this.hearSms(record);
    }
    this.sentThrough = later(resumedAt, -HOUR_MS);
    this.files = options.book.entryDates.map((date) => ({
      at: new Date(`${date}${FILE_AT}`).toISOString(),
      date,
    }));
  }

  hearCall(record: CarrierRecord): void {
    const fact = bankFactOfCall(record);
    if (fact) this.bank.hear(fact);
  }

  hearSms(record: SmscRecord): void {
    const fact = bankFactOfSms(record);
    if (fact) this.bank.hear(fact);
  }

  /** When the bank has something to send next. */
  nextDue(): string {
    const next = this.bank.nextAt(this.sentThrough);
    const file = this.files.find((f) => f.at > this.sentThrough)?.at;
    return file !== undefined && file < next ? file : next;
  }

  /** Hands in everything up to `now`, in order. */
  async playUntil(now: string): Promise<void> {
    while (this.nextDue() <= now) {
      const at = this.nextDue();
      for (const file of this.files) if (file.at === at) await this.handInFile(file.date);
      const records = [...this.bank.records(this.sentThrough, at)];
      if (records.length > 0) await this.options.inlet.submit(records.map((record) => this.raw(record)));
      this.sentThrough = at;
    }
  }

  /** Every record from the first day up to an instant, for the oracle. */
  recordsUntil(until: string): Iterable<BankRecord> {
    return this.bank.records(new Date(`${this.options.from}T00:00:00.000+08:00`).toISOString(), until);
  }

  /** Whose each number is, and which accounts each debtor has: the bank's own register. */
  register(): { readonly owners: Record<string, string[]>; readonly accounts: Record<string, string[]> } {
    const { book, inlet } = this.options;
    const owners: Record<string, string[]> = {};
    const accounts: Record<string, string[]> = {};
    for (let index = 0; index < book.size; index++) {
      const row = book.row(index);
      const debtorId = inlet.debtorIdOf(row.customer_no);
      accounts[debtorId] = [...(accounts[debtorId] ?? []), row.account_id];
      for (const phone of row.phones.split(';')) {
        const number = phone.split('|')[0]!;
        owners[number] = [...(owners[number] ?? []), debtorId];
      }
    }
    return { owners, accounts };
  }

  private async handInFile(date: string): Promise<void> {
    const { folder, seed, book, from, inlet } = this.options;
    if (!inlet.loadFile) return inlet.submit([...rowsOf(book, date)]);
    this.book ??= writeBook(folder, { seed, from, accounts: book.size });
    await this.book;
    await inlet.loadFile(join(folder, `book-${date}.csv`));
  }

  private raw(record: BankRecord): Readonly<Record<string, string>> {
    const head = {
      record: record.kind,
      bank_event_id: record.bankEventId,
      bank_sequence: String(record.bankSequence),
      business_date: record.businessDate,
    };
    switch (record.kind) {
      case 'payments-posted-through':
        return { ...head, as_of: record.asOf };
      case 'account':
        return {
          ...this.rowOf(record.accountId),
          ...head,
          dpd: String(record.dpd),
          paid_since_statement: major(record.paidSinceStatement),
          overdue_amount: major(record.unpaidMinimum),
        };
      default:
        return {
          ...head,
          account_id: record.accountId,
          payment_id: record.paymentId,
          amount: major(record.amount),
          currency: record.currency,
          value_date: record.valueDate,
          posted_at: record.postedAt,
          remaining_minimum_due: major(record.remainingMinimumDue),
          ...(record.kind === 'reversal' ? { reversal_of: record.reversalOf } : {}),
        };
    }
  }

  private rowOf(accountId: string): BookRow {
    return this.options.book.row(this.options.book.indexOf(accountId));
  }
}

/** The rows of a day's file, as records. */
function* rowsOf(book: Book, date: string): Generator<Readonly<Record<string, string>>> {
  const days = book.entryDates.length;
  for (let index = book.entryDates.indexOf(date); index < book.size; index += days)
    yield { ...book.row(index), record: 'account' };
}

const minor = (amount: string): number => Math.round(Number(amount) * 100);

/** The bank's own view of the book's accounts. */
export const accountsOf = ({ book, inlet }: Pick<BankPlayerOptions, 'book' | 'inlet'>): readonly BankAccount[] =>
  Array.from({ length: book.size }, (_, index) => {
    const row = book.row(index);
    return {
      accountId: row.account_id,
      customerNo: row.customer_no,
      debtorId: inlet.debtorIdOf(row.customer_no),
      currency: row.currency,
      minimumDue: minor(row.minimum_due),
      statementBalance: minor(row.statement_balance),
      dueDate: row.due_date,
      enteredOn: row.business_date,
    };
  });
