/** Rules for a number that the bank gives for several debtors. */
import { MINUTE_MS, snapUp } from '@mora/business-time';
import { isShared } from './counters.js';
import type { Finding, RuleInputs } from './inputs.js';
import type { CheckOf } from './profile.js';

const TICK_SECONDS = 30;

export const checkSharedApart = (check: CheckOf<'shared-apart'>, inputs: RuleInputs): Finding => {
  if (!isShared(inputs)) return { result: 'not-applicable' };
  const last = inputs.number?.othersCalls.reduce((a, b) => (a > b ? a : b), '') || null;
  const free = last === null ? null : Date.parse(last) + check.minutes * MINUTE_MS;
  const denies = free !== null && Date.parse(inputs.at) < free;
  return {
    result: denies ? 'deny' : 'allow',
    limit: check.minutes,
    inputs: { othersLastCall: last, debtors: inputs.debtorsOnNumber },
    ...(denies ? { retryAt: snapUp(free, TICK_SECONDS) } : {}),
  };
};

export const checkSharedBy = (check: CheckOf<'shared-by'>, { debtorsOnNumber }: RuleInputs): Finding => ({
  result: debtorsOnNumber < check.below ? 'allow' : 'deny',
  limit: check.below,
  inputs: { debtors: debtorsOnNumber },
});
