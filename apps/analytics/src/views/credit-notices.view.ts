/** One row per case whose notice before an adverse credit report (SMS b) was sent or could not be: what is left needs a letter. */
import type { Columns, RowOf } from '../projection/view.js';
import { defineView, emptyRow, isSimulated } from './define.js';

const columns = {
  case_id: 'text',
  debtor_id: 'text',
  sent_at: 'text',
  delivered_at: 'text',
  undelivered_at: 'text',
  error: 'text',
  /** Why the robot did not send it. */
  not_sent: 'text',
  simulated: 'bool',
} as const satisfies Columns;
export type CreditNoticeRow = RowOf<typeof columns>;

interface OfSms {
  readonly trigger: string;
  readonly context: { readonly caseId: string };
}
interface OfPlan {
  readonly trigger: string;
  readonly caseId: string;
  readonly handOver?: string | null | undefined;
}

const ofB = ({ trigger, context }: OfSms) => (trigger === 'b' ? [[context.caseId]] : []);
const leftToHuman = ({ trigger, caseId, handOver }: OfPlan) => (trigger === 'b' && handOver ? [[caseId]] : []);

/** Sent, or meant to be, and not known to have arrived. */
export const needsLetter = (row: CreditNoticeRow): boolean =>
  row.delivered_at === null && (row.undelivered_at !== null || row.not_sent !== null);

export const creditNoticesView = defineView({
  name: 'credit_notices',
  version: 1,
  columns,
  key: ['case_id'],
  indexes: ['debtor_id'],
  empty: emptyRow(columns, ['case_id']),
  on: {
    'sms.SmsSubmitted': {
      keys: ofB,
      evolve: (row, { debtorId, submittedAt }, { event }) => ({
        ...row,
        debtor_id: debtorId,
        sent_at: submittedAt,
        simulated: isSimulated(event),
      }),
    },
    'sms.SmsUndelivered': {
      keys: ofB,
      evolve: (row, { debtorId, receiptAt, error }) => ({
        ...row,
        debtor_id: debtorId,
        undelivered_at: receiptAt,
        error,
      }),
    },
    'sms.SmsRejected': {
      keys: ofB,
      evolve: (row, { debtorId, error }, { at }) => ({ ...row, debtor_id: debtorId, undelivered_at: at, error }),
    },
    'sms.CreditNoticeDelivered': {
      keys: ({ caseId }) => [[caseId]],
      evolve: (row, { debtorId, receiptAt }) => ({
        ...row,
        debtor_id: debtorId,
        delivered_at: row.delivered_at ?? receiptAt,
      }),
    },
    'sms.SmsHeld': {
      keys: leftToHuman,
      evolve: (row, { debtorId, reason }, { event }) => ({
        ...row,
        debtor_id: debtorId,
        not_sent: reason,
        simulated: isSimulated(event),
      }),
    },
    'sms.SmsLapsed': {
      keys: leftToHuman,
      evolve: (row, { debtorId, reason }, { event }) => ({
        ...row,
        debtor_id: debtorId,
        not_sent: reason,
        simulated: isSimulated(event),
      }),
    },
  },
});
