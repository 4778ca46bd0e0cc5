/** The bank's own facts, one copy in every shard: how far its payments are posted. */
import type { EventOf, intakeEvents } from '@mora/contracts';
import { type Aggregate, ref, type StreamRef } from '@mora/eventing';

type Schemas = (typeof intakeEvents)['schemas'];
export type BankEvent = EventOf<Pick<Schemas, 'PaymentsPostedThrough'>>;

export interface Bank {
  readonly postedThrough: string | null;
}

export const banks: Aggregate<Bank, BankEvent> = {
  category: 'bank',
  foldVersion: 1,
  initial: { postedThrough: null },
  evolve: (state, event) =>
    event.type === 'PaymentsPostedThrough' && !isOlder(event.data.asOf, state)
      ? { postedThrough: event.data.asOf }
      : state,
};

export const bankRef = (shard: number): StreamRef<Bank, BankEvent> => ref(banks, String(shard));

const isOlder = (asOf: string, state: Bank): boolean => state.postedThrough !== null && asOf <= state.postedThrough;

/** The watermark only rises. */
export const notePostedThrough = (state: Bank, data: BankEvent['data']): readonly BankEvent[] =>
  isOlder(data.asOf, state) ? [] : [{ type: 'PaymentsPostedThrough', data }];

/** A bank cannot have posted what is still to come; five minutes are left for clocks that differ. */
export const isAhead = (asOf: string, at: string): boolean => Date.parse(asOf) > Date.parse(at) + 300_000;
