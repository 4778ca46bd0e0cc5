/** Complaints and requests to stop, one row each, from whatever source they came. */
import type { Columns } from '../projection/view.js';
import { defineView, emptyRow, type Fact, isSimulated } from './define.js';

const columns = {
  debtor_id: 'text',
  /** `complaint`; `stop-asked`, `third-party-stop`: requests to stop. */
  kind: 'text',
  /** Of the stop, or the number that was barred. */
  about: 'text',
  at: 'text',
  day: 'text',
  simulated: 'bool',
  source: 'text',
} as const satisfies Columns;

const KINDS = new Set(['complaint', 'stop-asked', 'third-party-stop']);
const KEY = ['debtor_id', 'kind', 'about', 'at'] as const;
const told = ({ event, at, place }: Fact, source: string) => ({
  day: place.day(at),
  simulated: isSimulated(event),
  source,
});

export const complaintsView = defineView({
  name: 'complaints',
  version: 1,
  columns,
  key: KEY,
  indexes: ['day'],
  empty: emptyRow(columns, KEY),
  on: {
    'guard.StopPlaced': {
      keys: ({ debtorId, kind, stopId }, { at }) => (KINDS.has(kind) ? [[debtorId, kind, stopId, at]] : []),
      evolve: (row, data, fact) => ({ ...row, ...told(fact, data.source) }),
    },
    // a third party who asks to stop bars the number for everybody
    'guard.NumberBarred': {
      keys: ({ debtorId, phoneRef, everywhere }, { at }) =>
        everywhere ? [[debtorId, 'third-party-stop', phoneRef, at]] : [],
      evolve: (row, _data, fact) => ({ ...row, ...told(fact, 'call') }),
    },
  },
});
