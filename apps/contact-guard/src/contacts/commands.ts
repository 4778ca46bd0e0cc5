/** Wraps a decision on one debtor's contacts into a command. */
import { append, type Command, command } from '@mora/eventing';
import { gateOf } from '../gate/gate.js';
import { type Contacts, type ContactsEvent, contactsOf } from './contacts.js';
import { type Fact, revokeHalted, watchPermits } from './decisions.js';
import { numberRow, rowBarred } from './number-usage.js';

export const contactsCommand = (
  name: string,
  debtorId: string,
  decide: (state: Contacts, fact: Fact) => readonly ContactsEvent[],
): Command => {
  const stream = contactsOf(debtorId);
  return command({
    name,
    subject: debtorId,
    streams: [stream],
    decide: ([state], { at, cause }) => decide(state, { debtorId, cause, at }).map((event) => append(stream, event)),
  });
};

export const revokeHaltedCommand = (debtorId: string, shard: number, haltFact: string): Command => {
  const stream = contactsOf(debtorId);
  return command({
    name: 'RevokeHalted',
    subject: debtorId,
    shard,
    streams: [stream, gateOf(shard)],
    cause: haltFact,
    decide: ([state, gate], { at }) =>
      revokeHalted({ debtorId, cause: haltFact, at }, state, gate).map((event) => append(stream, event)),
  });
};

export const watchPermitsCommand = (debtorId: string, shard: number): Command => {
  const stream = contactsOf(debtorId);
  return command({
    name: 'WatchPermits',
    subject: debtorId,
    shard,
    streams: [stream, gateOf(shard)],
    decide: ([state, gate], { at, cause }) =>
      watchPermits({ debtorId, cause, at }, state, gate).map((event) => append(stream, event)),
  });
};

/** Writes a bar for everybody into the number's own row. @param numberKey null: the debtor was erased, nothing can be kept */
export const keepNumberBarCommand = (debtorId: string, phoneRef: string, numberKey: string | null): Command => {
  const stream = contactsOf(debtorId);
  const rowKey = numberKey === null ? null : `number/${numberKey}`;
  return command({
    name: 'KeepNumberBar',
    subject: debtorId,
    streams: [stream],
    ...(rowKey === null ? {} : { sideKeys: [rowKey] }),
    cause: `cmd:keep-number-bar-${debtorId}`,
    decide: ([state], { side }) => {
      const bar = state.bars.find((b) => b.phoneRef === phoneRef);
      if (!state.pendingBars.includes(phoneRef) || !bar) return [];
      return {
        events: [append(stream, { type: 'NumberBarKept', data: { phoneRef } })],
        side: rowKey === null ? [] : [{ key: rowKey, row: rowBarred(numberRow(side(rowKey)), debtorId, bar.evidence) }],
      };
    },
  });
};

export const deferNumberBarsCommand = (debtorId: string): Command =>
  contactsCommand('DeferNumberBars', debtorId, (state) =>
    state.pendingBars.length === 0 ? [] : [{ type: 'NumberBarDeferred', data: { phoneRefs: state.pendingBars } }],
  );
