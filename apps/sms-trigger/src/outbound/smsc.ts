import type { SmsTrigger } from '@mora/contracts';

/** What goes out. The number is in the clear and is never stored by us. */
export interface SmsSubmission {
  readonly smsId: string;
  readonly debtorId: string;
  /** E.164. */
  readonly number: string;
  /** Place of the number in the bank's order, from 0. */
  readonly phoneIndex: number;
  readonly text: string;
  readonly sender: string;
  readonly segments: number;
  readonly trigger: SmsTrigger;
  /** Business time. */
  readonly at: string;
}

export type SubmitAnswer =
  | { readonly result: 'accepted'; readonly providerIds: readonly string[]; readonly costUnits: number }
  | { readonly result: 'rejected'; readonly error: string };

export type SmscMessage =
  | {
      readonly kind: 'receipt';
      readonly smsId: string;
      readonly debtorId: string;
      readonly providerId: string;
      readonly at: string;
      readonly delivered: boolean;
      /** Empty when delivered. */
      readonly error: string;
      /** Parts of the SMS that it speaks for; absent: all that its id names. */
      readonly parts?: number;
    }
  | {
      readonly kind: 'reply';
      /** How the SMSC names it; null: it has no name for it. */
      readonly replyId: string | null;
      /** The SMS that it answers, and to whom that went; null: from a number that nothing was sent to. */
      readonly smsId: string | null;
      readonly debtorId: string | null;
      readonly at: string;
      readonly text: string;
    };

export type SmscReply = Extract<SmscMessage, { readonly kind: 'reply' }>;
export type SmscReceipt = Extract<SmscMessage, { readonly kind: 'receipt' }>;

/** Injection token of {@link SmscAdapter}. */
export const SMSC = Symbol('SmscAdapter');

/** The way out to a short message service centre. */
export interface SmscAdapter {
  /** Once, before anything else but `onReceipt`. */
  open(): Promise<void> | void;
  /** SMS of its own log, oldest first; absent: it has none that we may read. */
  made?(): Iterable<Pick<SmsSubmission, 'smsId' | 'debtorId' | 'at'>>;
  /** @throws when it is not known whether the SMS left. */
  submit(submission: SmsSubmission): Promise<SubmitAnswer>;
  /** Receipts and replies; told again after a restart where it is not sure that they were taken in. */
  onReceipt(listener: (message: SmscMessage) => void): void;
  /** Business instant at which it has something to tell; null: nothing. */
  wantsTick(): string | null;
  /** The clock moved. */
  tick(now: string): void;
  /** After a restart. */
  recover(now: string): void;
  close(): void;
}
