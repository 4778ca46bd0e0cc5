import type { VerifyPermit } from './inbound/intake-api.js';
import type { Kms } from './keys/kms.js';
import type { Secrets } from './keys/secrets.js';

export interface IntakeConfig {
  /** Drawn once per installation, or derived from the seed under the stepped clock. */
  readonly secrets: Secrets;
  /** Default: the master key of `secrets`, in this process. */
  readonly kms?: Kms;
  readonly verifyPermit: VerifyPermit;
  readonly parkedLifeDays?: number;
  /** How long a database that does not answer is waited for. */
  readonly patienceMs?: number;
}
