/** A fact's effects happen exactly once and in order, whoever dies, repeats, competes or loses history: on every store. */
import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import { append, command, ref, StoreUnavailable } from '@mora/eventing';
import { dying, KILLS } from './dying-store.js';
import { numbered, say, settled } from './facts.js';
import { countedIn, counter, countFacts, createReader, createSource, type StoreLane } from './rig.js';

export const exactlyOnceContract = (name: string, lane: StoreLane): void => {
  describe(`the consumer on ${name}`, () => {
    it('counts every fact once, in order, also those from before it started', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 5));
      const store = await lane.fresh();
      const reader = createReader(store, [source.feed], { batch: 2 });
      await reader.consumer.start();
      await say(source, numbered('a', 6, 9));
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(numbered('a', 1, 9));
      expect(reader.errors).toEqual([]);
    });

    it('takes a batch in once that is delivered twice', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 3));
      const { events } = await source.store.read({ shard: 0, after: { epoch: 0, position: 0 }, limit: 9 });
      const store = await lane.fresh();
      await store.prepareCheckpoints('p', ['intake']);
      const work = {
        processor: 'p',
        source: 'intake',
        shard: 0,
        from: { epoch: 0, position: 0 },
        steps: events.map((event) => ({ event, commands: [countFacts()(event as never)], park: null })),
      };
      const [one, two] = [createReader(store, []), createReader(store, [])];
      const outcomes = await Promise.all([one.writer.take(work), two.writer.take(work), one.writer.take(work)]);
      expect(outcomes.map((o) => o.status).sort()).toEqual(['checkpoint-moved', 'checkpoint-moved', 'done']);
      expect(await countedIn(store)).toEqual(numbered('a', 1, 3));
    });

    for (const kill of KILLS) {
      if (kill === 'after the insert' && lane.cut === undefined) continue;
      it(`counts every fact once when it is killed ${kill}`, async () => {
        for (const after of [0, 2]) {
          const source = createSource('intake');
          const store = await lane.fresh();
          const first = createReader(dying(store, kill, after, lane.cut), [source.feed], { batch: 2 });
          await first.consumer.start();
          await say(source, numbered('a', 1, 8));
          const deadline = performance.now() + 5_000;
          while (first.errors.length === 0 && performance.now() < deadline) await new Promise((r) => setTimeout(r, 2));
          await first.consumer.stop();
          expect(first.errors[0]).toBeInstanceOf(StoreUnavailable);
          expect((await countedIn(store)).length).toBeLessThan(8);
          const second = createReader(await lane.replica(), [source.feed], { batch: 2 });
          await second.consumer.start();
          await settled(second);
          await second.consumer.stop();
          expect(await countedIn(store)).toEqual(numbered('a', 1, 8));
        }
      });
    }

    it('counts every fact once when two replicas read the same shard', async () => {
      const source = createSource('intake');
      const store = await lane.fresh();
      const readers = [
        createReader(store, [source.feed], { batch: 3 }),
        createReader(await lane.replica(), [source.feed], { batch: 2 }),
      ];
      for (const reader of readers) await reader.consumer.start();
      for (let i = 0; i < 10; i++) await say(source, numbered(`d${i % 3}`, i * 5, i * 5 + 4));
      for (const reader of readers) await settled(reader);
      for (const reader of readers) await reader.consumer.stop();
      const counted = await countedIn(store);
      expect(counted).toEqual(Array.from({ length: 10 }, (_, i) => numbered(`d${i % 3}`, i * 5, i * 5 + 4)).flat());
    });

    it('takes all commands of a fact or none', async () => {
      const source = createSource('intake');
      await say(source, ['a.1', 'b.1']);
      const store = await lane.fresh();
      const second = (event: EventEnvelope) =>
        command({
          name: 'second',
          subject: event.subject,
          shard: event.shard,
          streams: [ref(counter, `second-${event.subject}`)],
          decide: () => {
            if (event.subject === 'a') throw new RangeError('no');
            return [append(ref(counter, 'second-b'), { type: 'Counted', data: { of: 'second' } })];
          },
        });
      const reader = createReader(store, [source.feed], {
        on: { Counted: (event) => [countFacts()(event), second(event)] },
      });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      expect(await countedIn(store)).toEqual(['b.1', 'second']);
    });

    it('stores at its stop how far it read over facts that concern nobody', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 3));
      const store = await lane.fresh();
      const reader = createReader(store, [source.feed], { on: {} });
      await reader.consumer.start();
      await settled(reader);
      await reader.consumer.stop();
      const row = (await store.checkpoints('counting')).find((c) => c.shard === 0);
      expect(row).toMatchObject({ epoch: 1, position: 3 });
    });

    it('goes on in the new epoch of a source whose history was lost, and drops no fact', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 5));
      const store = await lane.fresh();
      const before = createReader(store, [source.feed]);
      await before.consumer.start();
      await settled(before);
      await before.consumer.stop();
      const restored = createSource('intake');
      await say(restored, numbered('a', 1, 3));
      await restored.store.beginEpoch('restored');
      await say(restored, ['a.4*', 'a.5*', 'a.6*']);
      const after = createReader(store, [restored.feed], { batch: 2 });
      await after.consumer.start();
      await settled(after);
      await after.consumer.stop();
      expect(await countedIn(store)).toEqual([...numbered('a', 1, 5), 'a.4*', 'a.5*', 'a.6*']);
    });

    it('has taken in a new epoch in which nothing happened yet, also after a restart', async () => {
      const source = createSource('intake');
      await say(source, numbered('a', 1, 5));
      const store = await lane.fresh();
      const reader = createReader(store, [source.feed]);
      await reader.consumer.start();
      await settled(reader);
      expect(reader.writer.takenOf(0).get('intake')).toEqual({ epoch: 1, position: 5 });
      await source.store.beginEpoch('restored');
      await source.feed.poll();
      await settled(reader);
      await reader.consumer.stop();
      expect(reader.writer.takenOf(0).get('intake')).toEqual({ epoch: 2, position: 5 });
      const again = createReader(await lane.replica(), [source.feed]);
      await again.consumer.start();
      await settled(again);
      await again.consumer.stop();
      expect(again.writer.takenOf(0).get('intake')).toEqual({ epoch: 2, position: 5 });
      expect(again.writer.takenOf(1).get('intake')).toEqual({ epoch: 0, position: 0 });
      expect(await countedIn(store)).toEqual(numbered('a', 1, 5));
    });
  });
};
