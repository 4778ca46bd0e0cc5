import type { Instant } from '@mora/business-time';
import type { HandOverReason, Tier } from '@mora/contracts';
import type { AmountBand, Queue } from '../package/schema.js';
import type { PastCall } from '../records.js';

export interface HandOverInputs {
  readonly dpd: number;
  readonly tier: Tier | null;
  readonly band: AmountBand;
  /** Null: none yet, or none that knows of the last conversation. */
  readonly score: number | null;
  readonly openPromise: boolean;
  readonly calls: readonly PastCall[];
  readonly hasUsableNumber: boolean;
  /** RPC, or a delivered SMS other than `n`. */
  readonly reached: boolean;
  readonly promisesKept: number;
  readonly brokenInEpisode: number;
  /** Tier in which the last promise was broken. */
  readonly lastBrokenTier: Tier | null;
  readonly withinTolerance: boolean;
  readonly holdout: boolean;
  /** The paid-check call was made and the payment is still not found. */
  readonly paidCheckDone: boolean;
}

export interface HandOver {
  readonly reason: HandOverReason;
  readonly queue: Queue;
  readonly firstActionDue: Instant;
  readonly priority: number;
  readonly suggestedNextStep: string;
}
