import type { LegOutcome } from '@mora/contracts';

/** Answer → end of the robot's part, ms: what a human talks after a transfer is not his. 0: nobody answered. */
export const talkMsOf = (outcome: LegOutcome | null): number =>
  outcome?.answeredAt
    ? Math.max(0, Date.parse(outcome.transferredAt ?? outcome.endedAt) - Date.parse(outcome.answeredAt))
    : 0;
