import type { TieringEvent } from '@mora/contracts';
import { contactsCommand } from '../contacts/commands.js';
import { liftStops, placeStops, returnToRobot } from '../contacts/decisions.js';
import { endHalt, gateCommand, noteCalendar, noteHalt, noteStrategy } from '../gate/decisions.js';
import type { ReactionsTo } from './reactions-to.js';

export const CLAIM = 'claim-of-payment';

export const onTiering: ReactionsTo<TieringEvent> = {
  HandedOver: ({ data }) =>
    contactsCommand('PlaceHandOver', data.debtorId, (state, fact) =>
      placeStops(
        [
          {
            kind: 'handed-over',
            scope: 'account',
            accountId: data.accountId,
            channels: ['call', 'sms'],
            source: `hand-over:${data.reason}`,
          },
        ],
        fact,
        state,
      ),
    ),
  ReturnedToRobot: ({ data }) =>
    contactsCommand('ReturnToRobot', data.debtorId, (state) =>
      returnToRobot(data.accountId, data.by, data.debtorId, state),
    ),
  PaymentClaimed: ({ data }) =>
    contactsCommand('PlaceClaim', data.debtorId, (state, fact) =>
      placeStops(
        [
          {
            kind: 'claims-paid',
            scope: 'account',
            accountId: data.accountId,
            channels: ['call', 'sms'],
            source: CLAIM,
          },
        ],
        fact,
        state,
      ),
    ),
  PaymentClaimUnmet: ({ data }) =>
    contactsCommand('LiftClaim', data.debtorId, (state) =>
      liftStops(
        (stop) => stop.kind === 'claims-paid' && stop.accountId === data.accountId,
        'not found in the postings',
        'tiering',
        data.debtorId,
        state,
      ),
    ),
  StrategyActivated: ({ data, shard }) =>
    gateCommand('NoteStrategy', shard, (gate, fact) => noteStrategy(data.hash, fact, gate)),
  CalendarActivated: ({ data, shard }) =>
    gateCommand('NoteCalendar', shard, (gate, fact) => noteCalendar(data.hash, fact, gate)),
  ContactsHalted: ({ data, shard }) =>
    gateCommand('NoteHalt', shard, (gate, fact) => noteHalt({ haltId: data.haltId, scope: data.scope, fact }, gate)),
  ContactsResumed: ({ data, shard }) => gateCommand('EndHalt', shard, (gate, fact) => endHalt(data.haltId, fact, gate)),
};
