import { createHmac } from 'node:crypto';
import type { Frame } from '../bank-record/frame.js';
import type { BankAccountRecord, BankPayment, BankReversal, RawRecord } from '../bank-record/record.js';
import { validate } from '../bank-record/validate.js';

/** A door that doubts identifiers, on the second day of the samples. */
export const FRAME: Frame = {
  today: '2026-11-03',
  ids: { exact: false, asIs: false },
  hash: (text) => createHmac('sha256', 'samples').update(text).digest('hex'),
};

export const rawAccount = (change: RawRecord = {}): RawRecord => ({
  bank_event_id: 'account-2026-11-02-A1',
  bank_sequence: '1',
  business_date: '2026-11-02',
  customer_no: 'C1',
  name: '王小明',
  surname: '王',
  salutation: '您好',
  phones: '+999100200300|registered|1;+999100200301|other-own|2|2026-01-05',
  account_id: 'A1',
  currency: 'TWD',
  credit_limit: '20000.00',
  statement_balance: '5000.00',
  minimum_due: '1000.00',
  paid_since_statement: '0.00',
  due_date: '2026-11-01',
  dpd: '1',
  card_tail: '1234',
  ...change,
});

export const rawPayment = (change: RawRecord = {}): RawRecord => ({
  bank_event_id: 'payment-1',
  bank_sequence: '10',
  business_date: '2026-11-03',
  account_id: 'A1',
  payment_id: 'P1',
  amount: '400.00',
  currency: 'TWD',
  value_date: '2026-11-03',
  posted_at: '2026-11-03T02:00:00.000Z',
  ...change,
});

export const rawReversal = (change: RawRecord = {}): RawRecord => ({
  ...rawPayment({ bank_event_id: 'reversal-1', payment_id: 'R1', bank_sequence: '20', reversal_of: 'P1' }),
  ...change,
});

const valid = (raw: RawRecord) => {
  const result = validate(raw, FRAME);
  if (!result.ok) throw new TypeError(JSON.stringify(result.problems));
  return result.record;
};

export const accountRecord = (change?: RawRecord) => valid(rawAccount(change)) as BankAccountRecord;
export const payment = (change?: RawRecord) => valid(rawPayment(change)) as BankPayment;
export const reversal = (change?: RawRecord) => valid(rawReversal(change)) as BankReversal;
