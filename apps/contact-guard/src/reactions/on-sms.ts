/** SMS are counted here. `SmsSubmitting` changes nothing, the permit's reservation already counts. */
import type { SmsEvent } from '@mora/contracts';
import { contactsCommand } from '../contacts/commands.js';
import { type Fate, type NewStop, noteOutcome, placeStops } from '../contacts/decisions.js';
import { CLAIM } from './on-tiering.js';
import type { ReactionsTo } from './reactions-to.js';

const noted = (
  { debtorId, contactId }: { readonly debtorId: string; readonly contactId: string },
  fate: Fate,
  because: string,
  countedAt: string,
) =>
  contactsCommand('NoteOutcome', debtorId, (state) =>
    noteOutcome({ contactId, fate, because, countedAt }, debtorId, state),
  );

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
  SmsSubmitted: ({ data }) => noted(data, 'sent', 'submitted', data.submittedAt),
  SmsUnknown: ({ data, meta }) => noted(data, 'sent', 'unknown', meta.at),
  SmsRejected: ({ data, meta }) => noted(data, 'never-left', 'rejected', meta.at),
  // Submitting is committed before the submit and ends the possibility to withdraw: a withdrawn SMS never left.
  SmsWithdrawn: ({ data, meta }) => noted(data, 'never-left', 'withdrawn', meta.at),
  SmsReplied: ({ data }) => {
    const stops = stopsOf(data);
    if (stops.length === 0) return null;
    return contactsCommand('NoteReply', data.debtorId, (state, fact) => placeStops(stops, fact, state));
  },
};
