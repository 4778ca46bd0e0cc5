/** Wraps a decision on one debtor's contacts into a command. */
import { append, type Command, command } from '@mora/eventing';
import { gateOf } from '../gate/gate.js';
import { type Contacts, type ContactsEvent, contactsOf, permittedContacts } from './contacts.js';
import { type Fact, noteOutcome, type Outcome, revokeHalted, settledSpend, watchPermits } from './decisions.js';
import { numberRow, rowBarred } from './number-usage.js';
import { rowSpent, spendKey, spendRow } from './spending.js';

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

/** Uses or gives back a contact's places, and corrects what was set aside for it. */
export const outcomeCommand = (debtorId: string, shard: number, outcome: Outcome): Command => {
  const stream = contactsOf(debtorId);
  const rowKey = spendKey(shard);
  return command({
    name: 'NoteOutcome',
    subject: debtorId,
    shard,
    streams: [stream],
    sideKeys: [rowKey],
    decide: ([state], { at, side }) => {
      const events = noteOutcome(outcome, debtorId, state).map((event) => append(stream, event));
      const minor = settledSpend(outcome, state);
      const permittedAt = permittedContacts(state).find((c) => c.contactId === outcome.contactId)?.judgedAt ?? at;
      const row = minor === 0 ? [] : [{ key: rowKey, row: rowSpent(spendRow(side(rowKey)), minor, permittedAt, at) }];
      return { events, side: row };
    },
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
