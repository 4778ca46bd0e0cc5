/** SMS are counted here. `SmsSubmitting` changes nothing, the permit's reservation already counts. */
import type { EventEnvelope, SmsEvent } from '@mora/contracts';
import { contactsCommand, outcomeCommand } from '../contacts/commands.js';
import { type NewStop, noteReply, type Outcome, placeStops } from '../contacts/decisions.js';
import { CLAIM } from './on-tiering.js';
import type { ReactionsTo } from './reactions-to.js';

type Told = EventEnvelope<string, { readonly debtorId: string; readonly contactId: string }>;

/** Its outcomes do not tell its number; an SMS counts by debtor. */
const SMS: Outcome['contact'] = { channel: 'sms', phoneRef: null, accountIds: [] };

const noted = ({ data, shard }: Told, outcome: Omit<Outcome, 'contactId' | 'contact'>) =>
  outcomeCommand(data.debtorId, shard, { contactId: data.contactId, contact: SMS, ...outcome });

type Replied = Extract<SmsEvent, { readonly type: 'SmsReplied' }>['data'];
type Read = NonNullable<Replied['stops']>[number];

/** Where the answer was stored without what was read of it. N: not his number. T: no more SMS. */
const STOPS_OF_LETTER: Readonly<Record<string, readonly Read[]>> = {
  N: [{ kind: 'wrong-person', scope: 'number', channels: ['call', 'sms'] }],
  T: [{ kind: 'stop-asked', scope: 'debtor', channels: ['sms'] }],
};

/** A stop of more channels is another one than that of SMS alone, or a T before it would swallow it. */
const sourceOf = ({ kind, channels }: Read): string =>
  kind === 'claims-paid' ? CLAIM : channels.includes('call') ? 'sms:all' : 'sms';

const stopsOf = ({ reply, stops, phoneRef, context }: Replied): readonly NewStop[] =>
  (stops ?? STOPS_OF_LETTER[reply] ?? [])
    .filter((stop) => stop.scope !== 'account' || context !== undefined)
    .map((stop) => ({
      ...stop,
      source: sourceOf(stop),
      ...(stop.scope === 'account' ? { accountId: context!.accountId } : {}),
      ...(stop.scope === 'number' || stop.scope === 'number-everywhere' ? { phoneRef } : {}),
    }));

export const onSms: ReactionsTo<SmsEvent> = {
  SmsSubmitted: (event) =>
    noted(event, {
      fate: 'sent',
      because: 'submitted',
      countedAt: event.data.submittedAt,
      units: event.data.costUnits,
    }),
  SmsUnknown: (event) => noted(event, { fate: 'sent', because: 'unknown', countedAt: event.meta.at, units: null }),
  SmsFound: (event) =>
    noted(event, { fate: 'sent', because: "in the SMSC's log", countedAt: event.data.submittedAt, units: null }),
  SmsRejected: (event) => noted(event, { fate: 'never-left', because: 'rejected', countedAt: event.meta.at, units: 0 }),
  // Submitting is committed before the submit and ends the possibility to withdraw: a withdrawn SMS never left.
  SmsWithdrawn: (event) =>
    noted(event, { fate: 'never-left', because: 'withdrawn', countedAt: event.meta.at, units: 0 }),
  SmsReplied: ({ data }) => {
    const stops = stopsOf(data);
    if (stops.length === 0) return null;
    const { reply, phoneRef, at } = data;
    return contactsCommand('NoteReply', data.debtorId, (state, fact) => [
      ...(reply === 'N' || reply === 'T' ? noteReply({ reply, phoneRef, at, fact: fact.cause }, state) : []),
      ...placeStops(stops, fact, state),
    ]);
  },
};
