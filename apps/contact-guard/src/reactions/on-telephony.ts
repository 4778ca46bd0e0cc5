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

/** Answered by anyone, or in doubt, is connected. */
export const outcomeOfLeg = (contactId: string, o: DeepReadonly<LegOutcome>): Outcome => {
  if (neverTaken(o))
    return { contactId, fate: 'never-left', because: 'refused before the carrier', countedAt: o.endedAt, units: 0 };
  if (o.connected === 'no')
    return { contactId, fate: 'unanswered', because: 'not answered', countedAt: o.inviteAt, units: o.costUnits };
  const because = o.connected === 'yes' ? 'answered' : 'in doubt';
  return { contactId, fate: 'connected', because, countedAt: o.answeredAt ?? o.endedAt, units: o.costUnits };
};

export const onTelephony: ReactionsTo<TelephonyEvent> = {
  LegEnded: ({ data, shard }) => outcomeCommand(data.debtorId, shard, outcomeOfLeg(data.contactId, data.outcome)),
  LegLost: ({ data, shard, meta }) =>
    outcomeCommand(data.debtorId, shard, {
      contactId: data.contactId,
      fate: 'connected',
      because: 'lost',
      countedAt: meta.at,
      units: null,
    }),
  LegRefused: ({ data, shard, meta }) =>
    outcomeCommand(data.debtorId, shard, {
      units: 0,
      contactId: data.contactId,
      fate: 'never-left',
      because: `tombstone: ${data.because}`,
      countedAt: meta.at,
    }),
};
