/**
 * The one place where calls are counted: the legs, which stand nearest to the carrier and exist also when a dialer fell.
 * `LegAccepted` changes nothing, the permit's reservation already counts; a withdrawn intent releases only through the
 * gateway's tombstone.
 */
import type { DeepReadonly, LegOutcome, TelephonyEvent } from '@mora/contracts';
import { outcomeCommand } from '../contacts/commands.js';
import type { Outcome } from '../contacts/decisions.js';
import type { ReactionsTo } from './reactions-to.js';

/** No carrier, or a 5xx before any ringing: it certainly never reached the number. */
const neverTaken = (o: DeepReadonly<LegOutcome>): boolean =>
  o.connected === 'no' &&
  o.ringAt === null &&
  o.answeredAt === null &&
  o.announcement === null &&
  o.hungUpBy === 'carrier' &&
  (o.sipCode === null || (o.sipCode >= 500 && o.sipCode < 600));

type Ended = Extract<TelephonyEvent, { readonly type: 'LegEnded' }>['data'];
type Leg = Pick<Ended, 'contactId' | 'debtorId'> & Partial<Pick<Ended, 'phoneRef' | 'context'>>;

const contactOf = ({ phoneRef, context }: Leg): Outcome['contact'] => ({
  channel: 'call',
  phoneRef: phoneRef ?? null,
  accountIds: context === undefined ? [] : [context.accountId],
});

/** Answered by anyone, or in doubt, is connected. */
export const outcomeOfLeg = (o: DeepReadonly<LegOutcome>): Omit<Outcome, 'contactId' | 'contact'> => {
  if (neverTaken(o))
    return { fate: 'never-left', because: 'refused before the carrier', countedAt: o.endedAt, units: 0 };
  if (o.connected === 'no')
    return { fate: 'unanswered', because: 'not answered', countedAt: o.inviteAt, units: o.costUnits };
  const because = o.connected === 'yes' ? 'answered' : 'in doubt';
  return { fate: 'connected', because, countedAt: o.answeredAt ?? o.endedAt, units: o.costUnits };
};

const noted = (leg: Leg, shard: number, outcome: Omit<Outcome, 'contactId' | 'contact'>) =>
  outcomeCommand(leg.debtorId, shard, { ...outcome, contactId: leg.contactId, contact: contactOf(leg) });

export const onTelephony: ReactionsTo<TelephonyEvent> = {
  LegEnded: ({ data, shard }) => noted(data, shard, outcomeOfLeg(data.outcome)),
  LegLost: ({ data, shard, meta }) =>
    noted(data, shard, { fate: 'connected', because: 'lost', countedAt: meta.at, units: null }),
  LegFound: ({ data, shard }) => {
    const fate = data.answered === false ? 'unanswered' : 'connected';
    return noted(data, shard, { fate, because: "in the carrier's log", countedAt: data.inviteAt, units: null });
  },
  LegRefused: ({ data, shard, meta }) =>
    noted(data, shard, { fate: 'never-left', because: `tombstone: ${data.because}`, countedAt: meta.at, units: 0 }),
};
