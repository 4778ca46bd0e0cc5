import { drawChance } from '../chance.js';
import type { AmountBand, Strategy } from '../package/schema.js';
import type { ArmDraw, ChanceSource, PolicyDecision } from '../records.js';

/**
 * The experiment arm of a debtor, drawn by HMAC of his id: the same for every episode of one experiment. A band that is
 * never held out gives its holdout share to the fallback arm and draws nothing.
 */
export const drawArm = (
  strategy: Strategy,
  input: { readonly debtorId: string; readonly band: AmountBand; readonly chance: ChanceSource },
): ArmDraw => {
  const { experiment, arms, fallback, neverHeldOut } = strategy.arms;
  const exempt = neverHeldOut.includes(input.band);
  const names = Object.keys(arms).sort();
  const heldShare = exempt
    ? names.reduce((sum, name) => sum + (arms[name]!.holdout ? arms[name]!.probability : 0), 0)
    : 0;
  const options = names.map((name) => {
    const arm = arms[name]!;
    if (!exempt)
      return { option: name, eligible: true, reason: 'share of the experiment', probability: arm.probability };
    if (arm.holdout)
      return { option: name, eligible: false, reason: `band ${input.band} is never held out`, probability: 0 };
    const probability = arm.probability + (name === fallback ? heldShare : 0);
    return { option: name, eligible: true, reason: 'share of the experiment', probability };
  });
  const eligible = options.filter((option) => option.eligible && option.probability > 0);
  const chance =
    eligible.length === 1
      ? null
      : drawChance(input.chance.salt, input.chance.saltId, input.debtorId, `arm|${experiment}`);
  let left = chance?.draw ?? 0;
  const found = eligible.find((option) => {
    left -= option.probability;
    return left < 0;
  });
  const chosen = found ?? eligible[eligible.length - 1]!;
  const decision: PolicyDecision = {
    inputs: { debtorId: input.debtorId, band: input.band, experiment },
    options,
    chosen: chosen.option,
    chance,
    rules: exempt ? ['arm', 'never-held-out'] : ['arm'],
    desiredAt: null,
    notBefore: null,
    notAfter: null,
    nextReviewAt: null,
  };
  return {
    experimentId: experiment,
    arm: chosen.option,
    probability: chosen.probability,
    holdout: arms[chosen.option]!.holdout,
    chance,
    decision,
  };
};
