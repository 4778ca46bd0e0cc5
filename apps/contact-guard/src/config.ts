import { type RuleProfile } from '@mora/contact-rules';
import { type PermitSigner } from '@mora/keys';

export interface GuardConfig {
  /** Active rule profiles: the strictest rule of all wins. */
  readonly profiles: readonly RuleProfile[];
  readonly signer: PermitSigner;
  /** Longest wait for the guard's own checkpoints to reach the sources' heads, wall milliseconds; default 2,000. */
  readonly staleWaitMs?: number;
  /** Estimated difference between this machine's clock and the database's. */
  readonly skewMs?: () => number;
}
