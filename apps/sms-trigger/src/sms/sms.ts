/** One SMS from the intent to its receipt. What was committed as submitting may have left, whatever comes after. */
import type { ContactContext, DeepReadonly, SmsEvent, SmsTrigger } from '@mora/contracts';
import type { Aggregate } from '@mora/eventing';

export type SmsFact = Exclude<
  SmsEvent,
  { readonly type: 'SmsPlanned' | 'SmsHeld' | 'SmsLapsed' | 'SmsReplyUnmatched' }
>;

/** Names a reply to one SMS, however often the SMSC tells it. */
export const replyKey = (at: string, reply: string): string => `${at}|${reply}`;

export interface SmsSheet {
  readonly smsId: string;
  readonly debtorId: string;
  readonly context: DeepReadonly<ContactContext>;
  readonly trigger: SmsTrigger;
  readonly phoneRef: string;
  readonly phoneIndex: number;
  /** Sealed with the debtor's key. */
  readonly text: string;
  readonly sender: string;
  readonly segments: number;
}

export type SmsStatus =
  | 'intended'
  | 'denied'
  | 'withdrawn'
  | 'submitting'
  | 'submitted'
  | 'rejected'
  | 'unknown'
  | 'delivered'
  | 'undelivered';

/** What the SMSC said of a part. */
export interface PartReceipt {
  readonly receiptAt: string;
  readonly delivered: boolean;
  readonly error: string;
  readonly parts: number | null;
}

export type Sms =
  /** `found`: the SMSC knows it, and this service no more. */
  | { readonly status: 'none'; readonly found?: true }
  | {
      readonly status: SmsStatus;
      readonly sheet: SmsSheet;
      /** Replies taken in, by {@link replyKey}. */
      readonly replies: readonly string[];
      /** The SMSC's names of its parts; null: not told. */
      readonly providerIds: readonly string[] | null;
      /** By those names. */
      readonly receipts: Readonly<Record<string, PartReceipt>>;
      /** The last word of loss. */
      readonly undelivered: { readonly receiptAt: string; readonly error: string } | null;
      readonly refusedIds: readonly string[];
    };

const statusAfter: Readonly<Partial<Record<SmsFact['type'], SmsStatus>>> = {
  SmsDeniedByGuard: 'denied',
  SmsWithdrawn: 'withdrawn',
  SmsSubmitting: 'submitting',
  SmsSubmitted: 'submitted',
  SmsRejected: 'rejected',
  SmsUnknown: 'unknown',
  SmsFound: 'unknown',
  SmsDelivered: 'delivered',
  SmsUndelivered: 'undelivered',
};

const evolve = (state: Sms, event: SmsFact): Sms => {
  if (event.type === 'SmsIntended') {
    const { smsId, debtorId, context, trigger, phoneRef, phoneIndex, text, sender, segments } = event.data;
    const sheet = { smsId, debtorId, context, trigger, phoneRef, phoneIndex, text, sender, segments };
    return {
      ...{ status: 'intended', sheet, replies: [], providerIds: null },
      ...{ receipts: {}, undelivered: null, refusedIds: [] },
    };
  }
  if (state.status === 'none') return event.type === 'SmsFound' ? { status: 'none', found: true } : state;
  const after = heard(state, event);
  const status = statusAfter[event.type];
  return status === undefined ? after : { ...after, status };
};

type KnownSms = Exclude<Sms, { readonly status: 'none' }>;

const withReceipt = (state: KnownSms, providerId: string, receipt: PartReceipt): KnownSms => ({
  ...state,
  receipts: { ...state.receipts, [providerId]: receipt },
});

const heard = (state: KnownSms, event: SmsFact): KnownSms => {
  switch (event.type) {
    case 'SmsReplied':
      return { ...state, replies: [...state.replies, replyKey(event.data.at, event.data.reply)] };
    case 'SmsSubmitted':
      return { ...state, providerIds: event.data.providerIds };
    case 'SmsReceiptNoted': {
      const { providerId, receiptAt, delivered, error, parts } = event.data;
      return withReceipt(state, providerId, { receiptAt, delivered, error, parts });
    }
    case 'SmsUndelivered': {
      const { providerId, receiptAt, error } = event.data;
      const undelivered = { receiptAt, error };
      return { ...withReceipt(state, providerId, { ...undelivered, delivered: false, parts: null }), undelivered };
    }
    case 'SmsReceiptRefused':
      return { ...state, refusedIds: [...state.refusedIds, event.data.providerId] };
    default:
      return state;
  }
};

export const sms: Aggregate<Sms, SmsFact> = {
  category: 'sms',
  foldVersion: 1,
  initial: { status: 'none' },
  snapshotEvery: 0,
  evolve,
};
