/** One contact, judged once: the same contact id always has the same stored verdict. */
import { evaluate, type RuleInputs, type RuleProfile, type SourceMark, verdictOf } from '@mora/contact-rules';
import type { AuthorizeRequest, PolicyRef, Verdict } from '@mora/contracts';
import { append, type Command, command, type DecideContext } from '@mora/eventing';
import { type Gate, gateOf } from '../gate/gate.js';
import { type Contacts, type ContactsEvent, contactsOf, usedContacts } from './contacts.js';
import { type NumberRow, numberRow, othersAttempts, rowWith } from './number-usage.js';

/** Inputs that come from the moment of asking and not from a stream. */
export interface Moment {
  readonly wall: string;
  readonly watermarks: Readonly<Record<string, SourceMark>>;
  readonly parked: boolean;
}

/** The clock, and by how much it is off. */
type JudgedBy = Pick<DecideContext, 'at' | 'skewMs'>;

export interface Asked {
  readonly request: AuthorizeRequest;
  readonly moment: Moment;
  readonly profiles: readonly RuleProfile[];
}

const inputsOf = (
  { request, moment }: Asked,
  state: Contacts,
  gate: Gate,
  number: NumberRow | null,
  { at, skewMs }: JudgedBy,
): RuleInputs => ({
  at,
  skewMs,
  request,
  zone: state.zone,
  agreedWindows: state.agreedWindows,
  accounts: state.accounts,
  postings: gate.postings,
  stops: state.stops,
  bars: state.bars,
  contacts: usedContacts(state),
  smsAsks: state.smsAsks,
  number:
    number === null
      ? null
      : { othersAttempts: othersAttempts(number, request.debtorId, at), barred: number.barredBy.length > 0 },
  halts: gate.halts,
  parked: moment.parked,
  wall: moment.wall,
  watermarks: moment.watermarks,
});

const judged = ({ request }: Asked, verdict: Verdict): ContactsEvent => {
  const { contactId, debtorId, channel, gatewayId, context } = request;
  return verdict.result === 'allowed'
    ? { type: 'ContactPermitted', data: { contactId, debtorId, channel, gatewayId, context, verdict } }
    : { type: 'ContactDenied', data: { contactId, debtorId, channel, context, verdict } };
};

/** Nothing when this contact was judged before. @param number null: the number's key is not known */
export const authorizeContact = (
  asked: Asked,
  state: Contacts,
  gate: Gate,
  number: NumberRow | null,
  clock: JudgedBy,
): readonly ContactsEvent[] => {
  if (state.contacts.some((c) => c.contactId === asked.request.contactId)) return [];
  const inputs = inputsOf(asked, state, gate, number, clock);
  const verdict = verdictOf(asked.profiles, inputs, evaluate(asked.profiles, inputs));
  return [judged(asked, verdict)];
};

const policiesOf = ({ request, profiles }: Asked): readonly PolicyRef[] => [
  ...profiles.flatMap((p): PolicyRef[] => [
    { kind: 'rules', hash: p.hash },
    { kind: 'calendar', hash: p.calendarHash },
  ]),
  { kind: 'strategy', hash: request.context.strategyHash },
];

/** @param numberKey HMAC of the number: locks its row in this transaction; null: not known, counted by phoneRef alone */
export const authorizeCommand = (asked: Asked, shard: number, numberKey: string | null): Command => {
  const { request } = asked;
  const own = contactsOf(request.debtorId);
  const rowKey = numberKey === null ? null : `number/${numberKey}`;
  return command({
    name: 'Authorize',
    subject: request.debtorId,
    shard,
    streams: [own, gateOf(shard)],
    ...(rowKey === null ? {} : { sideKeys: [rowKey] }),
    cause: `cmd:${request.contactId}`,
    about: { correlationId: request.context.caseId, policies: policiesOf(asked) },
    decide: ([state, gate], { at, skewMs, side }) => {
      const row = rowKey === null ? null : numberRow(side(rowKey));
      const events = authorizeContact(asked, state, gate, row, { at, skewMs });
      const reserves = request.channel === 'call' && events.some((e) => e.type === 'ContactPermitted');
      return {
        events: events.map((event) => append(own, event)),
        side:
          row !== null && rowKey !== null && reserves ? [{ key: rowKey, row: rowWith(row, request, state, at) }] : [],
      };
    },
  });
};
