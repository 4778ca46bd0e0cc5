/** Whatever a topic does to its deliveries, facts are counted once and in order: on every store. */
import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import { createMemoryTopic, Relay } from '@mora/eventing';
import fc from 'fast-check';
import { numbered, settled } from './facts.js';
import { countedIn, createReader, createSource, type StoreLane } from './rig.js';

export const deliveryContract = (name: string, lane: StoreLane, runs: number): void => {
  describe(`the consumer on ${name}`, () => {
    const overTopic = async (deliver: (events: readonly EventEnvelope[]) => readonly EventEnvelope[]) => {
      const source = createSource('intake');
      const topic = createMemoryTopic(source.store.shards, deliver);
      const relay = new Relay({
        feed: source.feed,
        shards: source.store.shards,
        publisher: topic,
        activity: source.activity,
        batch: 4,
      });
      const store = await lane.fresh();
      const reader = createReader(store, [topic.feed(source.store)], { batch: 3, activity: source.activity });
      await reader.consumer.start();
      await relay.start();
      await Promise.all(numbered('a', 1, 20).map((fact) => source.say('a', fact)));
      await settled(reader);
      await relay.stop();
      await reader.consumer.stop();
      return { counted: await countedIn(store), errors: reader.errors };
    };
    const deliveries: Record<string, (events: readonly EventEnvelope[]) => readonly EventEnvelope[]> = {
      'with a gap': (events) => events.filter((e) => e.position % 3 !== 0),
      'that loses everything': () => [],
      twice: (events) => [...events, ...events],
      'in another order': (events) => events.toReversed(),
    };
    for (const [how, deliver] of Object.entries(deliveries))
      it(`counts every fact once, in order, of a delivery ${how}`, async () => {
        const { counted, errors } = await overTopic(deliver);
        expect(counted).toEqual(numbered('a', 1, 20));
        expect(errors).toEqual([]);
      });

    it('counts every fact once, in order, of any mangled delivery', async () => {
      const one = fc.record({ drop: fc.boolean(), twice: fc.boolean(), key: fc.integer({ min: 0, max: 9 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(one, { minLength: 20, maxLength: 20 }), async (fates) => {
          const { counted } = await overTopic((events) =>
            events
              .flatMap((e) => {
                const fate = fates[e.position - 1]!;
                return fate.drop ? [] : fate.twice ? [e, e] : [e];
              })
              .toSorted((a, b) => fates[a.position - 1]!.key - fates[b.position - 1]!.key),
          );
          expect(counted).toEqual(numbered('a', 1, 20));
        }),
        { numRuns: runs },
      );
    });
  });
};
