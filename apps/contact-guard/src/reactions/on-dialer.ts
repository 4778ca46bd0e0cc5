import type { Channel, DialerEvent, StopKind } from '@mora/contracts';
import { contactsCommand } from '../contacts/commands.js';
import { type NewStop, noteSmsAsk, placeStops } from '../contacts/decisions.js';
import { CLAIM } from './on-tiering.js';
import type { ReactionsTo } from './reactions-to.js';

type Ended = Extract<DialerEvent, { readonly type: 'CallEnded' }>['data'];

/** A spoken "do not call me" ends calls; an SMS that says so ends SMS. */
const channelsOf = (kind: StopKind): readonly Channel[] => (kind === 'stop-asked' ? ['call'] : ['call', 'sms']);

const stopsOf = ({ dialogue, context, phoneRef }: Ended): readonly NewStop[] =>
  (dialogue?.stops ?? []).map(({ kind, scope }) => ({
    kind,
    scope,
    ...(scope === 'account' ? { accountId: context.accountId } : {}),
    ...(scope === 'number' || scope === 'number-everywhere' ? { phoneRef } : {}),
    channels: channelsOf(kind),
    source: kind === 'claims-paid' ? CLAIM : 'call',
  }));

/** Only what was said: how the call counts is taken from the leg itself (`on-telephony`), so that it counts once. */
export const onDialer: ReactionsTo<DialerEvent> = {
  CallEnded: ({ data }) => {
    const stops = stopsOf(data);
    const asked = (data.dialogue?.smsAsked.length ?? 0) > 0;
    if (stops.length === 0 && !asked) return null;
    return contactsCommand('NoteConversation', data.debtorId, (state, fact) => [
      ...(asked ? noteSmsAsk(fact.cause, state) : []),
      ...placeStops(stops, fact, state),
    ]);
  },
};
