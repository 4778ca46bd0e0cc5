import type { Disposition, LegOutcome } from '@mora/contracts';

type Outcome = { readonly [K in keyof LegOutcome]: LegOutcome[K] };

/** Below this much ringing a "busy" was a push of the red button. */
const BUSY_FROM_RING_MS = 10_000;

/** What the carrier says in words goes before its codes. */
const ANNOUNCED: Readonly<Record<string, Disposition>> = {
  空号: 'invalid',
  关机: 'switched-off',
  不在服务区: 'out-of-range',
  暂时无法接通: 'out-of-range',
  停机: 'suspended',
  呼入限制: 'barred',
  运营商拦截: 'carrier-blocked',
  拒接: 'declined',
  被叫忙: 'busy',
};

const busyOrDeclined = ({ ringAt, endedAt }: Outcome): Disposition =>
  ringAt !== null && Date.parse(endedAt) - Date.parse(ringAt) >= BUSY_FROM_RING_MS ? 'busy' : 'declined';

const byCode = (outcome: Outcome): Disposition => {
  const { sipCode, ringAt } = outcome;
  if (sipCode === null) return ringAt === null ? 'trunk-fault' : 'no-answer';
  if (sipCode === 404 || sipCode === 484 || sipCode === 604) return 'invalid';
  if (sipCode === 486 || sipCode === 600) return busyOrDeclined(outcome);
  if (sipCode === 603) return 'declined';
  if (sipCode >= 500 && sipCode < 600) return ringAt === null ? 'trunk-fault' : 'no-answer';
  return 'no-answer';
};

/** Exactly one disposition per call, from the raw facts of its leg. @param revoked why the permit was taken back, if it was */
export const dispositionOf = (outcome: Outcome, revoked: string | null): Disposition => {
  if (outcome.dialogue) return outcome.dialogue.disposition;
  if (outcome.answeredAt !== null) return outcome.amd?.result === 'machine' ? 'machine' : 'hung-up-early';
  if (outcome.hungUpBy === 'revoked') return revoked === 'cured' ? 'cured' : 'no-answer';
  const { announcement } = outcome;
  return announcement !== null && Object.hasOwn(ANNOUNCED, announcement) ? ANNOUNCED[announcement]! : byCode(outcome);
};
