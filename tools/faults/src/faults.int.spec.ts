/** The short form, on three real brokers; the long one is `npm run faults`, reported in docs/reliability.md. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type KafkaCluster, startKafka } from '@mora/kafka';
import type { EmbeddedPostgres } from '@mora/postgres';
import { startDatabase } from './ground.js';
import { SHORT } from './scales.js';
import { SCENARIOS } from './scenarios.js';

/** The others take longer and meet the same code. */
const HERE = ['leader-killed', 'zombie', 'topic-recreated', 'retention', 'kafka-gone'];

let kafka: KafkaCluster;
let postgres: EmbeddedPostgres;
beforeAll(async () => {
  [kafka, postgres] = await Promise.all([startKafka({ nodes: 3 }), startDatabase()]);
}, 240_000);
afterAll(() => Promise.all([kafka.stop(0), postgres.stop()]));

describe('on three brokers nothing is lost, doubled or out of order', () => {
  it.each(SCENARIOS.filter(({ name }) => HERE.includes(name)))(
    'when $what',
    async ({ name, run }) => {
      const { events, backfilled, measured, ...wrong } = await run({ kafka, postgres, scale: SHORT });
      expect(wrong).toEqual({ lost: 0, doubled: 0, disordered: 0, refused: 0 });
      expect(events).toBeGreaterThan(1_000);
      // What Kafka no longer has comes from the source; while it has everything, nobody asks there.
      if (name === 'retention') expect(backfilled).toBeGreaterThan(0);
      if (name === 'leader-killed') expect(backfilled).toBe(0);
      // Far beyond what it takes, so that a slow machine does not fail: it must come back by itself.
      for (const ms of Object.values(measured)) expect(ms).toBeLessThan(60_000);
    },
    120_000,
  );
});
