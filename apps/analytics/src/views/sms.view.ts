/** One row per SMS, from the intent to its receipt. */
import type { Columns, RowOf } from '../projection/view.js';
import { contextColumns, contextOf, defineView, emptyRow, type Fact, isSimulated } from './define.js';

const columns = {
  sms_id: 'text',
  debtor_id: 'text',
  // sms
  ...contextColumns,
  simulated: 'bool',
  trigger_id: 'text',
  variant: 'text',
  template: 'text',
  segments: 'int',
  status: 'text',
  intended_at: 'text',
  submitted_at: 'text',
  submitted_day: 'text',
  receipt: 'text',
  receipt_at: 'text',
  /** Day on which the receipt was known. */
  receipt_day: 'text',
  reply: 'text',
  error: 'text',
  // guard
  verdict: 'text',
  denied_by: 'text',
} as const satisfies Columns;
export type SmsRow = RowOf<typeof columns>;

type SmsRef = { readonly smsId: string; readonly debtorId: string };
const bySms = (data: SmsRef) => [[data.smsId]];
const ref = (data: SmsRef) => ({ sms_id: data.smsId, debtor_id: data.debtorId });
const receipt = (said: 'delivered' | 'undelivered', receiptAt: string, { at, place }: Fact) => ({
  receipt: said,
  receipt_at: receiptAt,
  receipt_day: place.day(at),
});
const ifSms = (data: { readonly channel: string; readonly contactId: string }) =>
  data.channel === 'sms' ? [[data.contactId]] : [];

export const smsView = defineView({
  name: 'sms',
  version: 2,
  columns,
  key: ['sms_id'],
  indexes: ['submitted_day', 'debtor_id', 'case_id'],
  empty: emptyRow(columns, ['sms_id']),
  on: {
    'sms.SmsIntended': {
      keys: bySms,
      evolve: (row, data, { event, at }) => ({
        ...row,
        ...ref(data),
        ...contextOf(data.context),
        simulated: isSimulated(event),
        trigger_id: data.trigger,
        variant: data.variant,
        template: data.templateId,
        segments: data.segments,
        status: 'intended',
        intended_at: at,
      }),
    },
    'sms.SmsDeniedByGuard': {
      keys: bySms,
      evolve: (row, data) => ({ ...row, ...ref(data), ...contextOf(data.context), status: 'denied' }),
    },
    'sms.SmsWithdrawn': {
      keys: bySms,
      evolve: (row, data) => ({ ...row, ...ref(data), status: 'withdrawn', error: data.because }),
    },
    'sms.SmsSubmitting': { keys: bySms, evolve: (row, data) => ({ ...row, ...ref(data), status: 'submitting' }) },
    'sms.SmsSubmitted': {
      keys: bySms,
      evolve: (row, data, { event, at, place }) => ({
        ...row,
        ...ref(data),
        ...contextOf(data.context),
        simulated: isSimulated(event),
        trigger_id: data.trigger,
        segments: data.segments,
        status: 'submitted',
        submitted_at: data.submittedAt,
        submitted_day: place.day(at),
      }),
    },
    'sms.SmsRejected': {
      keys: bySms,
      evolve: (row, data) => ({ ...row, ...ref(data), status: 'rejected', error: data.error }),
    },
    'sms.SmsUnknown': { keys: bySms, evolve: (row, data) => ({ ...row, ...ref(data), status: 'unknown' }) },
    'sms.SmsDelivered': {
      keys: bySms,
      evolve: (row, data, fact) => ({
        ...row,
        ...ref(data),
        ...receipt('delivered', data.receiptAt, fact),
        error: null,
      }),
    },
    'sms.SmsUndelivered': {
      keys: bySms,
      evolve: (row, data, fact) =>
        row.receipt === 'delivered'
          ? row
          : { ...row, ...ref(data), ...receipt('undelivered', data.receiptAt, fact), error: data.error },
    },
    'sms.SmsReplied': { keys: bySms, evolve: (row, data) => ({ ...row, ...ref(data), reply: data.reply }) },
    'guard.ContactPermitted': {
      keys: ifSms,
      evolve: (row, data) => ({ ...row, debtor_id: data.debtorId, verdict: 'allowed' }),
    },
    'guard.ContactDenied': {
      keys: ifSms,
      evolve: (row, data) => ({
        ...row,
        debtor_id: data.debtorId,
        verdict: 'denied',
        denied_by: data.verdict.deniedBy.join(' '),
      }),
    },
  },
});
