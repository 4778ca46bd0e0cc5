/** SMS are counted here. `SmsSubmitting` changes nothing, the permit's reservation already counts. */
import type { EventEnvelope, SmsEvent } from '@mora/contracts';
import { contactsCommand, outcomeCommand } from '../contacts/commands.js';
import { type NewStop, type Outcome, placeStops } from '../contacts/decisions.js';
import type { ReactionsTo } from './reactions-to.js';

/** Its outcomes do not tell its number; an SMS counts by debtor. */
const SMS: Outcome['contact'] = { channel: 'sms', phoneRef: null, accountIds: [] };

type Told = EventEnvelope<string, { readonly debtorId: string; readonly contactId: string }>;

const noted = ({ data, shard }: Told, outcome: Omit<Outcome, 'contactId' | 'contact'>) =>
  outcomeCommand(data.debtorId, shard, { contactId: data.contactId, contact: SMS, ...outcome });

/** N: not his number. T: no more SMS. */
const STOP_OF_REPLY: Readonly<Record<string, (phoneRef: string) => NewStop>> = {
  N: (phoneRef) => ({ kind: 'wrong-person', scope: 'number', phoneRef, channels: ['call', 'sms'], source: 'sms' }),
  T: () => ({ kind: 'stop-asked', scope: 'debtor', channels: ['sms'], source: 'sms' }),
};

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
    const stop = STOP_OF_REPLY[data.reply]?.(data.phoneRef);
    if (!stop) return null;
    return contactsCommand('NoteReply', data.debtorId, (state, fact) => placeStops([stop], fact, state));
  },
};
