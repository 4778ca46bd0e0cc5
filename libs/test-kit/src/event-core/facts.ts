/** What the suites of the consumer say and wait for: facts named `debtor.n`, and decisions that fail on some of them. */
import type { EventEnvelope } from '@mora/contracts';
import { type FactSource, factOf, type Reader } from './rig.js';

export const say = async (source: FactSource, facts: readonly string[]): Promise<void> => {
  for (const fact of facts) await source.say(fact.split('.')[0]!, fact);
};
export const numbered = (subject: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${subject}.${from + i}`);
export const settled = async (reader: Reader): Promise<void> => reader.activity.quiet();
export const failsOn =
  (...facts: readonly string[]) =>
  (event: EventEnvelope) => {
    if (facts.includes(factOf(event))) throw new RangeError(`cannot count ${factOf(event)}`);
  };
