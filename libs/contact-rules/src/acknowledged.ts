/** The one SMS that says that a reply was understood goes although that very reply ended SMS; it excepts nothing else. */
import { localTime } from '@mora/business-time';
import type { StopKind } from '@mora/contracts';
import { barsOn, heldStops } from './conditions.js';
import type { Finding, KnownReply, RuleInputs } from './inputs.js';
import type { CheckOf } from './profile.js';

/** Stage of the contact's context by which an acknowledgement is known. */
const STAGE = 'sms.ack';

const STOP_OF: Readonly<Record<KnownReply['reply'], StopKind>> = { N: 'wrong-person', T: 'stop-asked' };

export const isAcknowledgement = ({ channel, context }: RuleInputs['request']): boolean =>
  channel === 'sms' && context.stage === STAGE;

const isOfToday = (reply: KnownReply, at: string, zones: readonly string[]): boolean =>
  zones.length > 0 &&
  reply.at <= at &&
  zones.every((zone) => localTime(Date.parse(reply.at), zone).date === localTime(Date.parse(at), zone).date);

/** The reply from this number that the request names, if the guard itself knows it and permitted no SMS about it before. */
export const acknowledgedReply = (inputs: RuleInputs, zones: readonly string[]): KnownReply | null => {
  const { request, smsReplies, contacts, at } = inputs;
  if (!isAcknowledgement(request) || request.solicitedBy === null) return null;
  const reply = smsReplies.find(({ fact }) => fact === request.solicitedBy);
  if (reply === undefined || reply.phoneRef !== request.phoneRef || !isOfToday(reply, at, zones)) return null;
  return contacts.some(({ acknowledges }) => acknowledges === reply.fact) ? null : reply;
};

/** What holds was placed by that reply, as that kind of reply places it. */
const isAllFrom = (reply: KnownReply, check: CheckOf<'stop'>, inputs: RuleInputs): boolean =>
  heldStops(check, inputs).every((stop) => stop.evidence === reply.fact && stop.kind === STOP_OF[reply.reply]) &&
  barsOn(check, inputs).every((bar) => bar.evidence === reply.fact && !bar.everywhere && reply.reply === 'N') &&
  !(check.numberBars && (inputs.number?.barred ?? false));

/** An acknowledgement of nothing that the guard knows is denied even where no stop holds. */
export const exceptAcknowledged = (
  check: CheckOf<'stop'>,
  finding: Finding,
  inputs: RuleInputs,
  zones: readonly string[],
): Finding => {
  if (!check.exceptions?.includes('acknowledgement') || !isAcknowledgement(inputs.request)) return finding;
  const reply = acknowledgedReply(inputs, zones);
  const { retryAt: _retryAt, ...seen } = finding;
  if (reply === null) return { ...seen, result: 'deny', inputs: { ...finding.inputs, acknowledgement: 'not known' } };
  if (finding.result !== 'deny' || !isAllFrom(reply, check, inputs)) return finding;
  return {
    ...seen,
    result: 'allow',
    facts: [...new Set([...(finding.facts ?? []), reply.fact])],
    exception: `acknowledgement:${reply.fact}`,
  };
};
