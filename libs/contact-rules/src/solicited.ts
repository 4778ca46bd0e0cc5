/** What the debtor asked for or agreed to in a conversation of that day goes although a human has the account by now. */
import { localTime } from '@mora/business-time';
import type { Finding, RuleInputs } from './inputs.js';
import type { CheckOf } from './profile.js';

/** The ask that the request names, if the guard itself knows it and it was on the same local day. */
const askOf = ({ request, smsAsks, at }: RuleInputs, zones: readonly string[]): string | null => {
  const ask = request.channel === 'sms' ? smsAsks.find(({ fact }) => fact === request.solicitedBy) : undefined;
  const day = (instant: string, zone: string): string => localTime(Date.parse(instant), zone).date;
  return ask && zones.every((zone) => day(ask.at, zone) === day(at, zone)) ? ask.fact : null;
};

export const exceptSolicited = (
  check: CheckOf<'stop'>,
  finding: Finding,
  inputs: RuleInputs,
  zones: readonly string[],
): Finding => {
  if (finding.result !== 'deny' || !check.exceptions?.includes('solicited')) return finding;
  const ask = askOf(inputs, zones);
  if (ask === null) return finding;
  const { retryAt: _retryAt, ...seen } = finding;
  return { ...seen, result: 'allow', facts: [...(finding.facts ?? []), ask], exception: `solicited:${ask}` };
};
