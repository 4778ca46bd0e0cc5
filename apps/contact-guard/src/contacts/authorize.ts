/** One contact, judged once: the same contact id always has the same stored verdict. */
import { evaluate, type RuleInputs, type RuleProfile, type SourceMark, verdictOf } from '@mora/contact-rules';
import type { AuthorizeRequest, PolicyRef, Verdict } from '@mora/contracts';
import { append, type Command, command, type DecideContext } from '@mora/eventing';
import { type Gate, gateOf } from '../gate/gate.js';
import { type Contacts, type ContactsEvent, contactsOf, usedContacts } from './contacts.js';
import { type NumberRow, numberRow, othersAttempts, othersCalls, rowWith } from './number-usage.js';
import { rowSpent, type SpendRow, spendKey, spendRow } from './spending.js';

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
  /** Of the installation. */
  readonly shards: number;
}

/** Rows beside the streams. */
export interface Tables {
  /** Null: the number's key is not known. */
  readonly number: NumberRow | null;
  readonly spend: SpendRow;
}

const inputsOf = (
  { request, moment, shards }: Asked,
  state: Contacts,
  gate: Gate,
  { number, spend }: Tables,
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
  smsReplies: state.smsReplies,
  number:
    number === null
      ? null
      : {
          othersAttempts: othersAttempts(number, request.debtorId, at),
          othersCalls: othersCalls(number, request.debtorId, at),
          barred: number.barredBy.length > 0,
        },
  debtorsOnNumber: state.sharing[request.phoneRef] ?? 1,
  destination: state.destinations[request.phoneRef] ?? null,
  spend: { hours: spend.hours, shards },
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

/** Nothing when this contact was judged before. */
export const authorizeContact = (
  asked: Asked,
  state: Contacts,
  gate: Gate,
  tables: Tables,
  clock: JudgedBy,
): readonly ContactsEvent[] => {
  if (state.contacts.some((c) => c.contactId === asked.request.contactId)) return [];
  const inputs = inputsOf(asked, state, gate, tables, clock);
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
  const moneyKey = spendKey(shard);
  return command({
    name: 'Authorize',
    subject: request.debtorId,
    shard,
    streams: [own, gateOf(shard)],
    sideKeys: rowKey === null ? [moneyKey] : [rowKey, moneyKey],
    cause: `cmd:${request.contactId}`,
    about: { correlationId: request.context.caseId, policies: policiesOf(asked) },
    decide: ([state, gate], { at, skewMs, side }) => {
      const number = rowKey === null ? null : numberRow(side(rowKey));
      const spend = spendRow(side(moneyKey));
      const events = authorizeContact(asked, state, gate, { number, spend }, { at, skewMs });
      const permitted = events.find((event) => event.type === 'ContactPermitted');
      const reserved = permitted?.data.verdict.price?.reserved ?? 0;
      const calls = request.channel === 'call' && permitted !== undefined;
      return {
        events: events.map((event) => append(own, event)),
        side: [
          ...(calls && number !== null && rowKey !== null
            ? [{ key: rowKey, row: rowWith(number, request, state, at) }]
            : []),
          ...(reserved > 0 ? [{ key: moneyKey, row: rowSpent(spend, reserved, at, at) }] : []),
        ],
      };
    },
  });
};
