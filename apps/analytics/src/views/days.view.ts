/**
 * What happened to a debtor, and to a case, on a business day: flags and small sums from which distinct counts of any period
 * are taken (a debtor called on two days is one debtor of the week). Tier and term are the highest of the day.
 */
import type { Columns } from '../projection/view.js';
import { defineView, emptyRow, type Fact, isSimulated } from './define.js';

const shared = { day: 'text', simulated: 'bool', shard: 'int', tier: 'text', term: 'text', due: 'bool' } as const;

const debtorColumns = {
  debtor_id: 'text',
  ...shared,
  /** Those that left for the carrier: trunk faults are taken off again. */
  attempts: 'int',
  connected: 'bool',
  rpc: 'bool',
  sms_submitted: 'bool',
  sms_delivered: 'bool',
  /** Connected calls and submitted SMS. */
  contacts: 'int',
} as const satisfies Columns;

const caseColumns = {
  case_id: 'text',
  ...shared,
  debtor_id: 'text',
  account_id: 'text',
  dpd: 'int',
  attempted: 'bool',
  connected: 'bool',
  rpc: 'bool',
  promised: 'bool',
} as const satisfies Columns;

const TIERS = ['L', 'M', 'H'];
const TERMS = ['short', 'mid', 'long'];
const highest = (order: readonly string[], a: string | null, b: string): string =>
  a !== null && order.indexOf(a) > order.indexOf(b) ? a : b;

const debtorDay = (data: { readonly debtorId: string }, { event, at, place }: Fact) => [
  [data.debtorId, place.day(at), isSimulated(event)],
];
const caseDay = (data: { readonly caseId: string }, { event, at, place }: Fact) => [
  [data.caseId, place.day(at), isSimulated(event)],
];
const contextDay = (data: { readonly context: { readonly caseId: string } }, fact: Fact) => caseDay(data.context, fact);
/** The plan's day is said by the event, so that a plan made at its very edge still counts there. */
const planned = (id: string, data: { readonly businessDate: string }, fact: Fact) => [
  [id, data.businessDate, isSimulated(fact.event)],
];

export const debtorDaysView = defineView({
  name: 'debtor_days',
  version: 2,
  columns: debtorColumns,
  key: ['debtor_id', 'day', 'simulated'],
  indexes: ['day'],
  empty: emptyRow(debtorColumns, ['debtor_id', 'day', 'simulated']),
  on: {
    'tiering.AccountTiered': {
      keys: (data, fact) => planned(data.debtorId, data, fact),
      evolve: (row, data, { event }) => ({
        ...row,
        shard: event.shard,
        due: true,
        tier: highest(TIERS, row.tier, data.tier),
        term: highest(TERMS, row.term, data.term),
      }),
    },
    'dialer.CallOriginated': {
      keys: debtorDay,
      evolve: (row, _data, { event }) => ({ ...row, shard: event.shard, attempts: (row.attempts ?? 0) + 1 }),
    },
    'dialer.CallEnded': {
      keys: debtorDay,
      evolve: (row, data, { event }) => {
        const connected = data.connected !== 'no';
        return {
          ...row,
          shard: event.shard,
          attempts: (row.attempts ?? 0) - (data.disposition === 'trunk-fault' ? 1 : 0),
          connected: row.connected === true || connected,
          rpc: row.rpc === true || data.rightParty,
          contacts: (row.contacts ?? 0) + (connected ? 1 : 0),
        };
      },
    },
    'sms.SmsSubmitted': {
      keys: debtorDay,
      evolve: (row, _data, { event }) => ({
        ...row,
        shard: event.shard,
        sms_submitted: true,
        contacts: (row.contacts ?? 0) + 1,
      }),
    },
    'sms.SmsDelivered': {
      // `n` and `ack` say nothing of the debt: their delivery reaches nobody
      keys: (data, fact) => (data.trigger === 'n' || data.trigger === 'ack' ? [] : debtorDay(data, fact)),
      evolve: (row, _data, { event }) => ({ ...row, shard: event.shard, sms_delivered: true }),
    },
  },
});

export const caseDaysView = defineView({
  name: 'case_days',
  version: 1,
  columns: caseColumns,
  key: ['case_id', 'day', 'simulated'],
  indexes: ['day'],
  empty: emptyRow(caseColumns, ['case_id', 'day', 'simulated']),
  on: {
    'tiering.AccountTiered': {
      keys: (data, fact) => planned(data.caseId, data, fact),
      evolve: (row, data, { event }) => ({
        ...row,
        shard: event.shard,
        debtor_id: data.debtorId,
        account_id: data.accountId,
        due: true,
        dpd: data.dpd,
        tier: highest(TIERS, row.tier, data.tier),
        term: highest(TERMS, row.term, data.term),
      }),
    },
    'tiering.PromiseMade': {
      keys: caseDay,
      evolve: (row, data, { event }) => ({
        ...row,
        shard: event.shard,
        debtor_id: data.debtorId,
        account_id: data.accountId,
        promised: true,
      }),
    },
    'dialer.CallEnded': {
      keys: contextDay,
      evolve: (row, data, { event }) => ({
        ...row,
        shard: event.shard,
        debtor_id: data.debtorId,
        account_id: data.context.accountId,
        attempted: row.attempted === true || data.disposition !== 'trunk-fault',
        connected: row.connected === true || data.connected !== 'no',
        rpc: row.rpc === true || data.rightParty,
      }),
    },
    // a conversation counts for every account of the debtor; the call names only the lead
    'scoring.ConversationLabelled': {
      keys: (data, fact) => (data.rightParty ? caseDay(data, fact) : []),
      evolve: (row, data, { event }) => ({
        ...row,
        shard: event.shard,
        debtor_id: data.debtorId,
        account_id: data.accountId,
        rpc: true,
      }),
    },
  },
});
