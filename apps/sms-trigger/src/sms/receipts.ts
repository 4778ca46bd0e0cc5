/**
 * Receipts of one SMS, one a part. Delivered is what every part says, undelivered what one says; a part that arrived stays
 * arrived, also where it was reported lost before. What comes before the answer to the submit is kept and joined with it.
 */
import type { MessagingEvent } from '../messaging/events.js';
import type { Sms, SmsFact, SmsSheet } from './sms.js';

export interface Receipt {
  readonly providerId: string;
  readonly receiptAt: string;
  readonly delivered: boolean;
  readonly error: string;
  /** Parts that it speaks for; absent: all that its id names. */
  readonly parts?: number;
}

export type KnownSms = Exclude<Sms, { readonly status: 'none' }>;
type Receipts = KnownSms['receipts'];

interface Heard {
  readonly sms: readonly SmsFact[];
  readonly messaging: readonly MessagingEvent[];
}

const NOTHING: Heard = { sms: [], messaging: [] };

/** What an SMSC says of a number that does not exist. */
const DEAD_NUMBER = new Set(['UNDELIV']);

const refOf = ({ smsId, debtorId, context, trigger }: SmsSheet) => ({
  smsId,
  contactId: smsId,
  debtorId,
  context,
  trigger,
});

/** Where the SMSC's names of the parts are not known, their number must do. */
const allArrived = (providerIds: readonly string[] | null, receipts: Receipts, segments: number): boolean => {
  if (providerIds !== null) return providerIds.length > 0 && providerIds.every((id) => receipts[id]?.delivered);
  const arrived = Object.values(receipts).filter(({ delivered }) => delivered);
  return arrived.reduce((sum, { parts }) => sum + (parts ?? segments), 0) >= segments;
};

const noted = (sheet: SmsSheet, receipt: Receipt): SmsFact => {
  const { providerId, receiptAt, delivered, error, parts = null } = receipt;
  return { type: 'SmsReceiptNoted', data: { ...refOf(sheet), providerId, receiptAt, delivered, error, parts } };
};

const refused = (
  { smsId, debtorId }: SmsSheet,
  { providerId, receiptAt }: Receipt,
  why: 'foreign-id' | 'never-submitted',
): Heard => ({
  sms: [{ type: 'SmsReceiptRefused', data: { smsId, contactId: smsId, debtorId, providerId, receiptAt, why } }],
  messaging: [],
});

const arrived = (sheet: SmsSheet, { providerId, receiptAt }: Receipt, before: KnownSms): Heard => {
  const { smsId, debtorId, trigger, context, phoneRef } = sheet;
  const { undelivered } = before;
  const restates = undelivered === null ? {} : { undeliveredAt: undelivered.receiptAt };
  const sms: SmsFact[] = [{ type: 'SmsDelivered', data: { ...refOf(sheet), receiptAt, providerId, ...restates } }];
  if (trigger === 'b')
    sms.push({
      type: 'CreditNoticeDelivered',
      data: { smsId, contactId: smsId, debtorId, caseId: context.caseId, receiptAt },
    });
  const saidDead = undelivered !== null && DEAD_NUMBER.has(undelivered.error);
  return {
    sms,
    messaging: [
      {
        type: 'ReceiptNoted',
        data: {
          smsId,
          caseId: context.caseId,
          delivered: true,
          deadNumber: null,
          ...(saidDead ? { liveNumber: phoneRef } : {}),
        },
      },
    ],
  };
};

const lost = (sheet: SmsSheet, { providerId, receiptAt, error }: Receipt): Heard => {
  const { smsId, context, phoneRef } = sheet;
  return {
    sms: [{ type: 'SmsUndelivered', data: { ...refOf(sheet), receiptAt, providerId, error } }],
    messaging: [
      {
        type: 'ReceiptNoted',
        data: {
          smsId,
          caseId: context.caseId,
          delivered: false,
          deadNumber: DEAD_NUMBER.has(error) ? phoneRef : null,
        },
      },
    ],
  };
};

const NEVER_LEFT: ReadonlySet<KnownSms['status']> = new Set(['intended', 'denied', 'withdrawn', 'rejected']);

/** A receipt also proves that it left, where nobody knew. */
export const hearReceipt = (receipt: Receipt, state: Sms): Heard => {
  if (state.status === 'none') return NOTHING;
  const { sheet, status, providerIds, receipts, refusedIds } = state;
  const { providerId, delivered } = receipt;
  const isForeign = NEVER_LEFT.has(status) || (providerIds !== null && !providerIds.includes(providerId));
  if (isForeign) {
    if (refusedIds.includes(providerId)) return NOTHING;
    return refused(sheet, receipt, NEVER_LEFT.has(status) ? 'never-submitted' : 'foreign-id');
  }
  const before = receipts[providerId];
  if (status === 'delivered' || before?.delivered || (before && !delivered)) return NOTHING;
  if (status === 'submitting') return { sms: [noted(sheet, receipt)], messaging: [] };
  if (!delivered) return status === 'undelivered' ? NOTHING : lost(sheet, receipt);
  const { parts } = receipt;
  const now = { ...receipts, [providerId]: { ...receipt, parts: parts ?? null } };
  return allArrived(providerIds, now, sheet.segments)
    ? arrived(sheet, receipt, state)
    : { sms: [noted(sheet, receipt)], messaging: [] };
};

/** The answer to the submit came, or never will: what was kept until then counts, but for what is not of this SMS. */
export const joinKept = (state: KnownSms, providerIds: readonly string[] | null): Heard => {
  const { sheet, receipts } = state;
  const kept = Object.entries(receipts).map(([providerId, { parts, ...one }]) => ({
    providerId,
    ...one,
    ...(parts === null ? {} : { parts }),
  }));
  const own = kept.filter(({ providerId }) => providerIds === null || providerIds.includes(providerId));
  const foreign = kept.filter((one) => !own.includes(one)).map((one) => refused(sheet, one, 'foreign-id'));
  const failed = own.find(({ delivered }) => !delivered);
  const last = own.at(-1);
  const outcome = failed
    ? lost(sheet, failed)
    : last && allArrived(providerIds, receipts, sheet.segments)
      ? arrived(sheet, last, state)
      : NOTHING;
  return { sms: [...foreign.flatMap(({ sms }) => sms), ...outcome.sms], messaging: outcome.messaging };
};
