/** What an answer to an SMS comes to for its account: a claim of payment that is checked, a human who was asked for. */
import { businessDate } from '@mora/business-time';
import type { HandOverReason } from '@mora/contracts';
import { handOver } from './hand-over.js';
import { claim } from './promises.js';
import type { Steps } from './steps.js';

export interface ReplyFacts {
  readonly smsId: string;
  readonly repliedAt: string;
  readonly claimsPaid: boolean;
  readonly handOver: HandOverReason | null;
}

/** @returns false when it concerns no treatment that runs. */
export const noteReply = ({ smsId, repliedAt, claimsPaid, handOver: reason }: ReplyFacts, steps: Steps): boolean => {
  const { status, claimUnmet } = steps.state;
  if (status === 'none' || status === 'ended') return false;
  if (claimsPaid && claimUnmet) handOver(steps, 'claims-paid', `sms ${smsId}: claimed again`);
  else if (claimsPaid) claim(businessDate(repliedAt, steps.ground.strategy.about.zone), smsId, steps, 'sms');
  if (reason) handOver(steps, reason, `sms ${smsId}: answered`);
  return true;
};
