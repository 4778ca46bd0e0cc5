import type { Instant, LocalDate } from '@mora/business-time';

export interface OpenPromise {
  readonly amount: number;
  readonly currency: string;
  readonly date: LocalDate;
  readonly madeAt: Instant;
}

export interface PromisePayment {
  /** Event key of the payment. */
  readonly key: string;
  /** Negative for a reversal. */
  readonly amount: number;
  readonly valueDate: LocalDate;
  /** The bank's time of posting; null: it gave none. */
  readonly postedAt?: Instant | null;
  /** When it was heard of here; absent: not known. */
  readonly notedAt?: Instant | null;
  readonly paymentId?: string | null;
  /** Id of the payment that a reversal takes back. */
  readonly reversalOf?: string | null;
}

export interface PromiseResult {
  readonly result: 'kept' | 'partly' | 'broken' | 'awaiting' | 'open';
  readonly paid: number;
  readonly payments: readonly string[];
}
