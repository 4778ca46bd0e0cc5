/** The debtor as the bank knows him: one key, one content. Everything personal in the content is sealed. */
import type { DeepReadonly, EventOf, intakeEvents, Phone } from '@mora/contracts';
import { type Aggregate, ref, type StreamRef } from '@mora/eventing';
import { compareOrder, type Order } from '../case/balance.js';

type Schemas = (typeof intakeEvents)['schemas'];
export type DebtorEvent = EventOf<Pick<Schemas, 'DebtorRecorded'>>;
export type DebtorRecorded = DebtorEvent['data'];

export type Debtor =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'recorded';
      readonly keyId: string;
      readonly contentHash: string;
      readonly order: Order;
      readonly phones: readonly DeepReadonly<Phone>[];
    };

export const debtors: Aggregate<Debtor, DebtorEvent> = {
  category: 'debtor',
  foldVersion: 1,
  initial: { status: 'unknown' },
  evolve: (state, event) =>
    event.type === 'DebtorRecorded'
      ? {
          status: 'recorded',
          keyId: event.data.name.split(':')[2] ?? '',
          contentHash: event.data.contentHash ?? '',
          order: {
            businessDate: event.data.provenance.businessDate,
            bankSequence: event.data.provenance.bankSequence,
          },
          phones: event.data.phones,
        }
      : state,
};

export const debtorRef = (debtorId: string): StreamRef<Debtor, DebtorEvent> => ref(debtors, debtorId);

/** Only news are recorded: another content than the known one, and not an older one. */
export const recordDebtor = (state: Debtor, recorded: DebtorRecorded): readonly DebtorEvent[] => {
  if (state.status === 'recorded') {
    if (state.contentHash === recorded.contentHash) return [];
    if (compareOrder(recorded.provenance, state.order) < 0) return [];
  }
  return [{ type: 'DebtorRecorded', data: recorded }];
};
