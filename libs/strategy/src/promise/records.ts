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
}

export interface PromiseResult {
  readonly result: 'kept' | 'partly' | 'broken' | 'awaiting' | 'open';
  readonly paid: number;
  readonly payments: readonly string[];
}
