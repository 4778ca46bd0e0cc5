import type { Heard } from './talk.js';

/** One line of the simulated carrier's own log. Business and wall instants; the carrier trusts nobody and is told nothing else. */
export interface CarrierRecord {
  readonly kind: 'invite' | 'ringing' | 'answer' | 'cancel' | 'end';
  readonly attemptId: string;
  /** Whom the gateway said it calls. */
  readonly debtorId: string;
  /** E.164. */
  readonly number: string;
  readonly businessAt: string;
  readonly wallAt: string;
  /** Real originations of this debtor up to this one, from 1; on `invite`. */
  readonly ordinal?: number;
  /** On `answer`. */
  readonly who?: string;
  /** On `end`: final SIP code and what the debtor said, as he remembers it. */
  readonly sipCode?: number;
  readonly heard?: Heard;
}

/** One line of the simulated SMSC's own log. */
export interface SmscRecord {
  readonly kind: 'submit' | 'receipt' | 'reply';
  readonly smsId: string;
  readonly debtorId: string;
  readonly number: string;
  readonly businessAt: string;
  readonly wallAt: string;
  /** On `submit`. */
  readonly segments?: number;
  /** On `submit`: what the sender called it (`a`, `b`, `c`, `q`, `q.remind`, `n`, `ack`, `bulk`). */
  readonly trigger?: string;
  /** On `submit` and `reply`. */
  readonly text?: string;
  /** On `receipt`. */
  readonly delivered?: boolean;
  readonly error?: string;
}
