/** What may be said to a debtor of the calls that were made to him. */
import type { Disposition } from '@mora/contracts';
import type { PastCall } from '../records.js';
import { isAttempt } from './number.js';

export interface CallsMade {
  /** Those that left. */
  readonly attempts: number;
  /** By the debtor, or by a person of whom it is not known who it was. */
  readonly answered: boolean;
}

/** Persons who are known not to be the debtor. */
const SOMEBODY_ELSE: ReadonlySet<Disposition> = new Set(['third-party', 'third-party-stop', 'wrong-person']);

/** Who answered is in doubt the debtor; a machine is nobody. */
export const callsMade = (calls: readonly PastCall[]): CallsMade => {
  const left = calls.filter(isAttempt);
  return {
    attempts: left.length,
    answered: left.some((c) => c.connected && c.disposition !== 'machine' && !SOMEBODY_ELSE.has(c.disposition)),
  };
};

/** From so many attempts on it may be said that there were several. */
const SEVERAL = 2;

/** Only then is it true that he could not be reached. */
export const triedInVain = ({ attempts, answered }: CallsMade): boolean => attempts >= SEVERAL && !answered;
