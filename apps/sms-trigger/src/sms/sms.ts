/** One SMS from the intent to its receipt. What was committed as submitting may have left, whatever comes after. */
import type { ContactContext, DeepReadonly, SmsEvent, SmsTrigger } from '@mora/contracts';
import type { Aggregate } from '@mora/eventing';

export type SmsFact = Exclude<SmsEvent, { readonly type: 'SmsPlanned' | 'SmsHeld' | 'SmsLapsed' }>;

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

export type Sms =
  /** `found`: the SMSC knows it, and this service no more. */
  | { readonly status: 'none'; readonly found?: true }
  | {
      readonly status: SmsStatus;
      readonly sheet: SmsSheet;
      /** Replies taken in, by their instant. */
      readonly replies: readonly string[];
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
    return { status: 'intended', sheet, replies: [] };
  }
  if (state.status === 'none') return event.type === 'SmsFound' ? { status: 'none', found: true } : state;
  if (event.type === 'SmsReplied') return { ...state, replies: [...state.replies, event.data.at] };
  const status = statusAfter[event.type];
  return status === undefined ? state : { ...state, status };
};

export const sms: Aggregate<Sms, SmsFact> = {
  category: 'sms',
  foldVersion: 1,
  initial: { status: 'none' },
  snapshotEvery: 0,
  evolve,
};
