/** Evaluates every rule of every active profile, always: a verdict names what each of them saw. */
import { localTime, toInstant } from '@mora/business-time';
import type { RuleResult } from '@mora/contracts';
import { exceptAcknowledged } from './acknowledged.js';
import { checkAgency } from './agency.js';
import {
  checkClock,
  checkHalts,
  checkIntentAge,
  checkPaid,
  checkPostingsFresh,
  checkRecordFresh,
  checkStale,
  checkStops,
} from './conditions.js';
import { checkCounter } from './counters.js';
import { type DestinationList, isListed } from './destination.js';
import { candidateZones, checkHours, nextAllowed } from './hours.js';
import type { Finding, RuleInputs } from './inputs.js';
import type { CheckOf, ProfileContent, Rule, RuleProfile } from './profile.js';
import { checkSharedApart, checkSharedBy } from './shared-number.js';
import { exceptSolicited } from './solicited.js';
import { checkSpend } from './spend.js';

type ProfileRule = ProfileContent['rules'][number];

const inScope = (rule: ProfileRule, { request }: RuleInputs): boolean =>
  rule.scope.channels.includes(request.channel) &&
  rule.scope.actors.includes(request.actor) &&
  rule.scope.parties.includes(request.party);

const inForce = (rule: ProfileRule, today: string): boolean =>
  (rule.effective.from === null || rule.effective.from <= today) &&
  (rule.effective.to === null || today <= rule.effective.to);

/** The profile's rule on hours, by which retries of other rules are moved to a time at which a contact may begin. */
export const hoursOf = (profile: ProfileContent): CheckOf<'hours'> | null => {
  for (const { check } of profile.rules) if (check.kind === 'hours') return check as CheckOf<'hours'>;
  return null;
};

const checkDestination = (list: DestinationList, { destination }: RuleInputs): Finding => ({
  result: isListed(list, destination) ? 'allow' : 'deny',
  inputs: { destination, allow: list },
});

const find = (rule: ProfileRule, profile: ProfileContent, inputs: RuleInputs): Finding => {
  const zones = candidateZones(inputs.zone, profile.zones);
  const home = profile.zones[0]!;
  const check = rule.check as Rule['check'];
  switch (check.kind) {
    case 'hours':
      return checkHours(check, inputs, zones);
    case 'counter':
      return checkCounter(check, inputs, zones);
    case 'paid':
      return checkPaid(inputs);
    case 'postings-fresh':
      return checkPostingsFresh(check, inputs);
    case 'record-fresh':
      return checkRecordFresh(check, inputs, profile.calendar, home);
    case 'stop': {
      const asked = exceptSolicited(check, checkStops(check, inputs), inputs, zones);
      return exceptAcknowledged(check, asked, inputs, zones);
    }
    case 'party':
      return { result: check.allow.includes(inputs.request.party) ? 'allow' : 'deny', inputs: { allow: check.allow } };
    case 'halt':
      return checkHalts(inputs);
    case 'parked':
      return { result: inputs.parked ? 'deny' : 'allow', inputs: { parked: inputs.parked } };
    case 'stale':
      return checkStale(check, inputs);
    case 'clock':
      return checkClock(check, inputs);
    case 'intent-age':
      return checkIntentAge(check, inputs, home);
    case 'destination':
      return checkDestination(check.allow[inputs.request.channel], inputs);
    case 'spend':
      return checkSpend(check, inputs, home);
    case 'shared-apart':
      return checkSharedApart(check, inputs);
    case 'shared-by':
      return checkSharedBy(check, inputs);
    case 'agency':
      return checkAgency(check, inputs, home);
    default:
      return check satisfies never;
  }
};

const retryOf = (finding: Finding, profile: ProfileContent, inputs: RuleInputs): string | null => {
  if (finding.result !== 'deny' || finding.retryAt === undefined) return null;
  const hours = hoursOf(profile);
  const zones = candidateZones(inputs.zone, profile.zones);
  const at = hours ? nextAllowed(hours, inputs.request.channel, zones, finding.retryAt) : finding.retryAt;
  return at === null ? null : toInstant(at);
};

const instantOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : toInstant(ms));

const resultOf = (rule: ProfileRule, profile: RuleProfile, inputs: RuleInputs): RuleResult => {
  const { content, hash } = profile;
  const today = localTime(Date.parse(inputs.at), content.zones[0]!).date;
  const applies = inScope(rule, inputs) && inForce(rule, today);
  const finding: Finding = applies ? find(rule, content, inputs) : { result: 'not-applicable' };
  return {
    ruleId: rule.id,
    profile: content.id,
    profileHash: hash,
    result: finding.result === 'deny' ? rule.enforcement : finding.result,
    limit: finding.limit ?? null,
    windowStart: instantOrNull(finding.windowStart),
    windowEnd: instantOrNull(finding.windowEnd),
    counter: finding.counter ? { ...finding.counter } : null,
    facts: [...(finding.facts ?? [])],
    inputs: { ...finding.inputs },
    exception: finding.exception ?? null,
    retryNotBefore: retryOf(finding, content, inputs),
  };
};

/** The result of each rule of each profile, in the profiles' order. */
export const evaluate = (profiles: readonly RuleProfile[], inputs: RuleInputs): readonly RuleResult[] =>
  profiles.flatMap((profile) => profile.content.rules.map((rule) => resultOf(rule, profile, inputs)));
