import { localTime, toInstant } from '@mora/business-time';
import type { RuleResult, Verdict } from '@mora/contracts';
import { acknowledgedReply } from './acknowledged.js';
import { canonicalHash } from './canonical.js';
import { accountsSpokenOf } from './conditions.js';
import { solicitation } from './counters.js';
import { hoursOf } from './evaluate.js';
import { candidateZones, endByOf } from './hours.js';
import type { RuleInputs } from './inputs.js';
import type { RuleProfile } from './profile.js';
import { priceOf } from './spend.js';

/** Candidate zones of all profiles. */
export const zonesOf = (profiles: readonly RuleProfile[], inputs: RuleInputs): readonly string[] => [
  ...new Set(profiles.flatMap((p) => candidateZones(inputs.zone, p.content.zones))),
];

const earliest = (instants: readonly number[]): number | null => (instants.length === 0 ? null : Math.min(...instants));

const endOf = (profiles: readonly RuleProfile[], inputs: RuleInputs): number | null =>
  earliest(
    profiles.flatMap((p) => {
      const hours = hoursOf(p.content);
      const end = hours ? endByOf(hours, inputs, candidateZones(inputs.zone, p.content.zones)) : null;
      return end === null ? [] : [end];
    }),
  );

const reservationsOf = (inputs: RuleInputs): Verdict['reservations'] => {
  if (inputs.request.channel === 'sms') return ['sms'];
  return inputs.number === null ? ['attempt', 'connected'] : ['attempt', 'connected', 'number-attempt'];
};

/** True when an SMS counts towards the limit of unsolicited ones. */
export const isUnsolicited = (profiles: readonly RuleProfile[], inputs: RuleInputs): boolean =>
  inputs.request.channel === 'sms' &&
  solicitation(inputs, zonesOf(profiles, inputs)) === null &&
  acknowledgedReply(inputs, zonesOf(profiles, inputs)) === null;

/** The latest finite retry of the rules that deny; null: time alone does not help. */
export const retryNotBeforeOf = (rules: readonly RuleResult[]): string | null =>
  rules.reduce<string | null>((latest, { result, retryNotBefore }) => {
    if (result !== 'deny' || retryNotBefore === null) return latest;
    return latest === null || retryNotBefore > latest ? retryNotBefore : latest;
  }, null);

/** The strictest rule of all profiles wins: one that denies is enough. No profile at all denies as well. */
export const verdictOf = (
  profiles: readonly RuleProfile[],
  inputs: RuleInputs,
  rules: readonly RuleResult[],
): Verdict => {
  const { request } = inputs;
  const deniedBy =
    rules.length === 0 ? ['NO-PROFILE'] : [...new Set(rules.flatMap((r) => (r.result === 'deny' ? [r.ruleId] : [])))];
  const allowed = deniedBy.length === 0;
  const life = Math.min(...profiles.map((p) => p.content.permit.lifeSeconds));
  const ring = Math.min(...profiles.map((p) => p.content.permit.ringMaxSeconds));
  const endBy = allowed ? endOf(profiles, inputs) : null;
  const at = Date.parse(inputs.at);
  return {
    contactId: request.contactId,
    channel: request.channel,
    actor: request.actor,
    actorId: request.actorId ?? null,
    party: request.party,
    phoneRef: request.phoneRef,
    accountIds: [...accountsSpokenOf(request)],
    solicitedBy: request.solicitedBy,
    askedBy: request.askedBy,
    unsolicited: isUnsolicited(profiles, inputs),
    result: allowed ? 'allowed' : 'denied',
    rules: [...rules],
    deniedBy,
    localTimes: zonesOf(profiles, inputs).map((zone) => ({ zone, local: localTime(at, zone).text })),
    calendarHash:
      profiles.length === 1 ? profiles[0]!.calendarHash : canonicalHash(profiles.map((p) => p.calendarHash)),
    judgedAt: inputs.at,
    guardClock: { wall: inputs.wall, skewMs: inputs.skewMs },
    watermarks: Object.fromEntries(
      Object.entries(inputs.watermarks).map(([source, m]) => [
        source,
        { epoch: m.epoch, position: m.position, at: m.at },
      ]),
    ),
    reservations: allowed ? reservationsOf(inputs) : [],
    startNotAfter: allowed ? toInstant(Date.parse(inputs.wall) + life * 1000) : null,
    ringMaxSeconds: allowed ? ring : null,
    endBy: endBy === null ? null : toInstant(endBy),
    retryNotBefore: retryNotBeforeOf(rules),
    destination: inputs.destination,
    price: allowed ? (profiles.map((p) => priceOf(p.content, inputs)).find((price) => price) ?? null) : null,
  };
};
