import type { Halt } from '@mora/contact-rules';
import { append, type Command, command } from '@mora/eventing';
import { type Gate, type GateEvent, gateOf } from './gate.js';

/** The bank's postings watermark never goes back. */
export const notePostings = (asOf: string, fact: string, gate: Gate): readonly GateEvent[] =>
  gate.postings !== null && gate.postings.asOf >= asOf ? [] : [{ type: 'PostingsNoted', data: { asOf, fact } }];

export const noteStrategy = (hash: string, fact: string, gate: Gate): readonly GateEvent[] =>
  gate.strategyHash === hash ? [] : [{ type: 'StrategyNoted', data: { hash, fact } }];

export const noteCalendar = (hash: string, fact: string, gate: Gate): readonly GateEvent[] =>
  gate.calendarHash === hash ? [] : [{ type: 'CalendarNoted', data: { hash, fact } }];

export const noteHalt = (halt: Halt, gate: Gate): readonly GateEvent[] =>
  gate.halts.some((h) => h.haltId === halt.haltId) ? [] : [{ type: 'HaltNoted', data: halt }];

export const endHalt = (haltId: string, fact: string, gate: Gate): readonly GateEvent[] =>
  gate.halts.some((h) => h.haltId === haltId) ? [{ type: 'HaltEnded', data: { haltId, fact } }] : [];

/** A command on the gate of one shard; `decide` gets the key of the fact it answers. */
export const gateCommand = (
  name: string,
  shard: number,
  decide: (gate: Gate, fact: string) => readonly GateEvent[],
): Command => {
  const stream = gateOf(shard);
  return command({
    name,
    subject: stream.stream,
    shard,
    streams: [stream],
    decide: ([gate], { cause }) => decide(gate, cause).map((event) => append(stream, event)),
  });
};
