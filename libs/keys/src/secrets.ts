/** The installation's secrets: drawn once and kept, or, under the stepped clock, derived from the run's seed. */
import { createHmac, randomBytes } from 'node:crypto';

export interface Secrets {
  readonly masterKeyId: string;
  readonly masterKey: Uint8Array;
  /** Makes customer numbers and phone numbers into ids that nobody outside can compute. */
  readonly pepper: Uint8Array;
  /** Seals parked bank input. */
  readonly intakeKey: Uint8Array;
  /** A new debtor's data key. */
  newKey(debtorId: string): Uint8Array;
  /** Ciphertexts repeat with the run. */
  readonly repeatable: boolean;
}

const derive = (from: Uint8Array | string, purpose: string): Buffer =>
  createHmac('sha256', from).update(purpose, 'utf8').digest();

/** For simulated runs only: whoever knows the seed knows every key. */
export const seededSecrets = (seed: string): Secrets => {
  const root = derive('mora simulated run', seed);
  return {
    masterKeyId: `seed-${derive(root, 'name').toString('hex').slice(0, 8)}`,
    masterKey: derive(root, 'master'),
    pepper: derive(root, 'pepper'),
    intakeKey: derive(root, 'intake'),
    newKey: (debtorId) => derive(root, `debtor|${debtorId}`),
    repeatable: true,
  };
};

export const storedSecrets = (masterKey: Uint8Array, pepper: Uint8Array): Secrets => ({
  masterKeyId: derive(masterKey, 'name').toString('hex').slice(0, 12),
  masterKey,
  pepper,
  intakeKey: derive(masterKey, 'intake'),
  newKey: () => randomBytes(32),
  repeatable: false,
});
