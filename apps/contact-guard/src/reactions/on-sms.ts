/** SMS are counted here. `SmsSubmitting` changes nothing, the permit's reservation already counts. */
import type { SmsEvent } from '@mora/contracts';
import { contactsCommand } from '../contacts/commands.js';
import { type Fate, type NewStop, noteOutcome, type Outcome, placeStops } from '../contacts/decisions.js';
import type { ReactionsTo } from './reactions-to.js';

/** Its outcomes do not tell its number; an SMS counts by debtor. */
const SMS: Outcome['contact'] = { channel: 'sms', phoneRef: null, accountIds: [] };

const noted = (
  { debtorId, contactId }: { readonly debtorId: string; readonly contactId: string },
  fate: Fate,
  because: string,
  countedAt: string,
) =>
  contactsCommand('NoteOutcome', debtorId, (state) =>
    noteOutcome({ contactId, fate, because, countedAt, contact: SMS }, debtorId, state),
  );

/** N: not his number. T: no more SMS. */
const STOP_OF_REPLY: Readonly<Record<string, (phoneRef: string) => NewStop>> = {
  N: (phoneRef) => ({ kind: 'wrong-person', scope: 'number', phoneRef, channels: ['call', 'sms'], source: 'sms' }),
  T: () => ({ kind: 'stop-asked', scope: 'debtor', channels: ['sms'], source: 'sms' }),
};

export const onSms: ReactionsTo<SmsEvent> = {
  SmsSubmitted: ({ data }) => noted(data, 'sent', 'submitted', data.submittedAt),
  SmsUnknown: ({ data, meta }) => noted(data, 'sent', 'unknown', meta.at),
  SmsFound: ({ data }) => noted(data, 'sent', "in the SMSC's log", data.submittedAt),
  SmsRejected: ({ data, meta }) => noted(data, 'never-left', 'rejected', meta.at),
  // Submitting is committed before the submit and ends the possibility to withdraw: a withdrawn SMS never left.
  SmsWithdrawn: ({ data, meta }) => noted(data, 'never-left', 'withdrawn', meta.at),
  SmsReplied: ({ data }) => {
    const stop = STOP_OF_REPLY[data.reply]?.(data.phoneRef);
    if (!stop) return null;
    return contactsCommand('NoteReply', data.debtorId, (state, fact) => placeStops([stop], fact, state));
  },
};
