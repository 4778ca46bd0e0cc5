/**
 * The one place where calls are counted: the legs, which stand nearest to the carrier and exist also when a dialer fell.
 * `LegAccepted` changes nothing, the permit's reservation already counts; a withdrawn intent releases only through the
 * gateway's tombstone.
 */
import type { DeepReadonly, LegOutcome, TelephonyEvent } from '@mora/contracts';
import { contactsCommand } from '../contacts/commands.js';
import { noteOutcome, type Outcome } from '../contacts/decisions.js';
import type { ReactionsTo } from './reactions-to.js';

/** No carrier, or a 5xx before any ringing: it certainly never reached the number. */
const neverTaken = (o: DeepReadonly<LegOutcome>): boolean =>
  o.connected === 'no' &&
  o.ringAt === null &&
  o.answeredAt === null &&
  o.announcement === null &&
  o.hungUpBy === 'carrier' &&
  (o.sipCode === null || (o.sipCode >= 500 && o.sipCode < 600));

/** Answered by anyone, or in doubt, is connected. */
export const outcomeOfLeg = (contactId: string, o: DeepReadonly<LegOutcome>): Outcome => {
  if (neverTaken(o))
    return { contactId, fate: 'never-left', because: 'refused before the carrier', countedAt: o.endedAt };
  if (o.connected === 'no') return { contactId, fate: 'unanswered', because: 'not answered', countedAt: o.inviteAt };
  const because = o.connected === 'yes' ? 'answered' : 'in doubt';
  return { contactId, fate: 'connected', because, countedAt: o.answeredAt ?? o.endedAt };
};

const noted = (debtorId: string, outcome: Outcome) =>
  contactsCommand('NoteOutcome', debtorId, (state) => noteOutcome(outcome, debtorId, state));

export const onTelephony: ReactionsTo<TelephonyEvent> = {
  LegEnded: ({ data }) => noted(data.debtorId, outcomeOfLeg(data.contactId, data.outcome)),
  LegLost: ({ data, meta }) =>
    noted(data.debtorId, { contactId: data.contactId, fate: 'connected', because: 'lost', countedAt: meta.at }),
  LegRefused: ({ data, meta }) =>
    noted(data.debtorId, {
      contactId: data.contactId,
      fate: 'never-left',
      because: `tombstone: ${data.because}`,
      countedAt: meta.at,
    }),
};
