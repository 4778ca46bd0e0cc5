/** What each field of the bank's records means, for those who produce them; the validator decides, a test holds the two together. */
import { bankFlagKind } from '@mora/contracts';

export interface FieldShape {
  readonly shape: 'text' | 'amount' | 'date' | 'instant' | 'integer' | 'choice' | 'list';
  readonly meaning: string;
  readonly example: string;
  readonly choices?: readonly string[];
}

const text = (meaning: string, example: string): FieldShape => ({ shape: 'text', meaning, example });
const amount = (meaning: string, example = '1234.50'): FieldShape => ({ shape: 'amount', meaning, example });
const date = (meaning: string, example = '2026-11-02'): FieldShape => ({ shape: 'date', meaning, example });
const instant = (meaning: string, example = '2026-11-02T01:30:00.000Z'): FieldShape => ({
  shape: 'instant',
  meaning,
  example,
});
const integer = (meaning: string, example: string): FieldShape => ({ shape: 'integer', meaning, example });
const list = (meaning: string, example: string): FieldShape => ({ shape: 'list', meaning, example });
const choice = (meaning: string, ...choices: readonly [string, ...string[]]): FieldShape => ({
  shape: 'choice',
  meaning,
  example: choices[0],
  choices,
});

export const FIELD_SHAPES: Readonly<Record<string, FieldShape>> = {
  bank_event_id: text(
    'Equal to the id of the event, where it is there. Say it when the same fact may also come by file or call: it is then known again.',
    'ovd-20261102-000017',
  ),
  bank_sequence: integer('Order inside one business date: of two records of an account the higher one counts.', '17'),
  business_date: date("The bank's business date."),
  customer_no: text("The bank's number of the customer; becomes a keyed hash at the door.", 'C-4711'),
  name: text('Full name, sealed at the door.', '王小明'),
  surname: text('Surname, as it is spoken.', '王'),
  salutation: text('As it is spoken after the surname.', '先生'),
  language: text('BCP 47; zh-CN where it is not said.', 'zh-CN'),
  time_zone: text('IANA zone of the customer; Asia/Shanghai where it is not said.', 'Asia/Shanghai'),
  phones: list(
    "The customer's own numbers: `number|kind|order|confirmedOn`; E.164; kind is registered or other-own.",
    '+999100200300|registered|1;+999100200301|other-own|2|2026-01-05',
  ),
  agreed_windows: list(
    'When the customer agreed to be contacted: `from|to|call, sms or any|expiresOn`.',
    '09:00|12:00|call|2026-12-31',
  ),
  consents: list('`kind|expiresOn`.', 'recording|2027-01-01'),
  account_id: text("The bank's id of the account.", 'A-0815'),
  product: text('credit-card where it is not said.', 'credit-card'),
  currency: text('ISO 4217.', 'CNY'),
  credit_limit: amount('Credit limit.', '20000.00'),
  statement_balance: amount('Balance of the last statement; negative: in credit.', '5000.00'),
  minimum_due: amount('Minimum due of the last statement.', '1000.00'),
  paid_since_statement: amount('Paid since the last statement.', '0.00'),
  overdue_amount: amount('Overdue amount as the bank counts it.', '1000.00'),
  interest_to_date: amount('Interest accrued so far.', '12.34'),
  late_fee: amount('Late fee.', '50.00'),
  fees_as_of: date('Day to which interest and fee are counted.'),
  due_date: date('The missed due date: one delinquency episode per account and due date.', '2026-11-01'),
  dpd: integer('Days past due as the bank counts them; a difference to ours is flagged.', '1'),
  cycle: text('Billing cycle.', '05'),
  card_tail: text('Last four digits of the card.', '1234'),
  grace_days: integer('Days of grace after the due date.', '3'),
  tolerance: amount('An unpaid remainder up to this is let go.', '10.00'),
  bureau_report_on: date('When the credit bureau is told.', '2026-11-20'),
  card_action_on: date('When the card is stopped.', '2026-11-20'),
  card_status: choice('State of the card.', 'active', 'stopped', 'unknown'),
  credit_report_status: choice('What the credit bureau was told.', 'not-reported', 'reported', 'unknown'),
  autopay: choice('Automatic debit.', 'on', 'off'),
  autopay_next_try_at: instant('Next automatic debit.'),
  offers: list('Offers that may be spoken of.', 'instalment-3'),
  benefits_text: text('What the customer may lose, as a sentence.', '积分'),
  agency_notice: list('`agency|toldOn`: the customer was told of an agency.', 'AGENCY-1|2026-10-01'),
  recorded_months: integer('How many months of history follow.', '24'),
  delinquency_history: list('One number per month, newest first: months past due then.', '0;0;1'),
  payment_history: list('One amount per month, newest first.', '1000.00;500.00'),
  earlier_episodes: list('`openedOn|curedAtDpd`.', '2026-05-02|3'),
  promise_history: list('`day|kept, partly or broken`.', '2026-05-04|kept'),
  flags: list(
    `\`kind|source|since|until\`; kinds: ${bankFlagKind.options.join(', ')}.`,
    `${bankFlagKind.options[0]}|branch|2026-10-01`,
  ),
  payment_id: text("The bank's id of the payment; the event's where it is not said.", 'P-1'),
  amount: amount('What was paid, or taken back: positive.', '400.00'),
  value_date: date('Value date.'),
  posted_at: instant('When it was posted.'),
  remaining_minimum_due: amount(
    'Minimum due that is left after it; where it is said, it counts instead of a sum.',
    '600.00',
  ),
  reversal_of: text('payment_id of the payment that is taken back.', 'P-0'),
  as_of: instant('Every payment received up to here was sent before.'),
};
