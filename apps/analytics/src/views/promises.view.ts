/** One row per promise to pay, from its making to its result. */
import type { Columns, RowOf } from '../projection/view.js';
import { defineView, emptyRow, type Fact, isSimulated } from './define.js';

const columns = {
  promise_id: 'text',
  case_id: 'text',
  debtor_id: 'text',
  account_id: 'text',
  simulated: 'bool',
  strategy: 'text',
  attempt_id: 'text',
  kind: 'text',
  amount: 'int',
  currency: 'text',
  promised_for: 'text',
  moved_from: 'text',
  made_at: 'text',
  made_day: 'text',
  state: 'text',
  paid: 'int',
  result_at: 'text',
  result_day: 'text',
  because: 'text',
} as const satisfies Columns;
export type PromiseRow = RowOf<typeof columns>;

interface Promised {
  readonly promiseId: string;
  readonly caseId: string;
  readonly debtorId: string;
  readonly accountId: string;
  readonly strategyHash: string;
  readonly amount: number;
  readonly currency: string;
  readonly date: string;
  readonly promiseKind: string;
}
const byPromise = (data: Promised) => [[data.promiseId]];
const terms = (row: PromiseRow, data: Promised, { event }: Fact): PromiseRow => ({
  ...row,
  case_id: data.caseId,
  debtor_id: data.debtorId,
  account_id: data.accountId,
  simulated: isSimulated(event),
  strategy: data.strategyHash,
  kind: data.promiseKind,
  amount: data.amount,
  currency: data.currency,
  promised_for: data.date,
});
const result =
  (state: string) =>
  (
    row: PromiseRow,
    data: Promised & { readonly paid?: number; readonly because?: string },
    fact: Fact,
  ): PromiseRow => ({
    ...terms(row, data, fact),
    state,
    paid: data.paid ?? null,
    because: data.because ?? null,
    result_at: fact.at,
    result_day: fact.place.day(fact.at),
  });

export const promisesView = defineView({
  name: 'promises',
  version: 1,
  columns,
  key: ['promise_id'],
  indexes: ['made_day', 'result_day', 'case_id'],
  empty: emptyRow(columns, ['promise_id']),
  on: {
    'tiering.PromiseMade': {
      keys: byPromise,
      evolve: (row, data, fact) => ({
        ...terms(row, data, fact),
        attempt_id: data.attemptId,
        state: 'open',
        made_at: fact.at,
        made_day: fact.place.day(fact.at),
      }),
    },
    'tiering.PromiseMoved': {
      keys: byPromise,
      evolve: (row, data, fact) => ({ ...terms(row, data, fact), moved_from: data.movedFrom }),
    },
    'tiering.PromiseReopened': {
      keys: byPromise,
      evolve: (row, data, fact) => ({
        ...terms(row, data, fact),
        state: 'open',
        paid: null,
        because: null,
        result_at: null,
        result_day: null,
      }),
    },
    'tiering.PromiseKept': { keys: byPromise, evolve: result('kept') },
    'tiering.PromisePartlyKept': { keys: byPromise, evolve: result('partly') },
    'tiering.PromiseBroken': { keys: byPromise, evolve: result('broken') },
    'tiering.PromiseVoided': { keys: byPromise, evolve: result('voided') },
  },
});
