/**
 * `npm run bench:kafka [-- --events 60000 --seconds 15]`: one broker, a store with a backlog.
 * Relay against a raw keyset-and-produce loop; consume, decide, append against a bare kafkajs batch loop on the same topic;
 * and at 500 events a second the time from a commit to the next service's commit.
 */
import { kafkaClient } from '@mora/event-feed-kafka';
import { Stage, startDatabase } from '@mora/faults';
import { startKafka } from '@mora/kafka';
import { machine } from './ground.js';
import { aimTable, median, numberOption, perSecond, table } from './measure.js';

const events = numberOption('events', 60_000);
const seconds = numberOption('seconds', 15);
const ROUNDS = 3;
const CALM_RATE = 500;
const CALM_AIM_MS = 50;
const BATCH = 500;

process.removeAllListeners('warning').on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${name}: ${message}\n`);
});
const postgres = await startDatabase();
const kafka = await startKafka();
const rates: Record<string, number[]> = { relay: [], raw: [], stage: [], bare: [] };
const perSecondOf = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (events * 1_000) / (performance.now() - began);
};

/** What the relay does, without order, retries and checks: the rows of each shard by key, into its partition. */
const rawRelay = async (stage: Stage, topic: string): Promise<void> => {
  const admin = kafkaClient(stage.connection).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 6, replicationFactor: 1 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafkaClient(stage.connection).producer({
    createPartitioner: () => (args) => args.message.partition ?? 0,
  });
  await producer.connect();
  await Promise.all(
    Array.from({ length: 6 }, async (_, shard) => {
      for (let after = 0; ; ) {
        const { rows } = await stage.sourcePool.query<{ position: string; data: string; meta: string }>(
          'select position, data, meta from events where shard = $1 and position > $2 order by position limit $3',
          [shard, after, BATCH],
        );
        if (rows.length === 0) return;
        const messages = rows.map(({ data, meta }) => ({ value: data, headers: { meta }, partition: shard }));
        await producer.send({ topic, messages, acks: -1 });
        after = Number(rows.at(-1)!.position);
      }
    }),
  );
  await producer.disconnect();
};

const bareConsumer = async (stage: Stage, round: number): Promise<void> => {
  const consumer = kafkaClient(stage.connection).consumer({ groupId: `bare-${round}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [stage.topic], fromBeginning: true });
  let seen = 0;
  await new Promise<void>((resolve) => {
    void consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { value, headers } of batch.messages)
          if (headers?.['ce_type']?.toString().endsWith('watermark') !== true && value) {
            JSON.parse(value.toString());
            seen += 1;
          }
        if (seen >= events) resolve();
      },
    });
  });
  await consumer.disconnect();
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

try {
  for (let round = 0; round < ROUNDS; round++) {
    const stage = await Stage.open({ kafka, postgres, name: `bench_${round}`, rate: 0, relays: false });
    await stage.say(events);
    rates['raw']!.push(await perSecondOf(() => rawRelay(stage, `raw-${round}`)));
    rates['relay']!.push(await perSecondOf(() => stage.publish(events)));
    rates['bare']!.push(await perSecondOf(() => bareConsumer(stage, round)));
    const taker = await stage.take().joined();
    rates['stage']!.push(
      await perSecondOf(async () => {
        while ((await stage.countTaken()) < events) await new Promise((resolve) => setTimeout(resolve, 10));
      }),
    );
    await taker.end();
    await stage.close();
  }
  const calm = await Stage.open({ kafka, postgres, name: 'bench_calm', rate: CALM_RATE });
  await calm.take().joined();
  calm.load();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  await calm.stopLoad();
  await calm.judge();
  const hops = (await calm.hops()).toSorted((a, b) => a - b);
  await calm.close();
  const ratio = (a: string, b: string) => median(rates[a]!.map((rate, i) => rate / rates[b]![i]!));
  process.stdout.write(`${machine()}\n\n`);
  process.stdout.write(
    `${table(
      ['events per second', 'Mora', 'bare'],
      [
        ['store to topic', perSecond(median(rates['relay']!)), perSecond(median(rates['raw']!))],
        [
          'topic to decided and appended; bare: parsed',
          perSecond(median(rates['stage']!)),
          perSecond(median(rates['bare']!)),
        ],
      ],
    )}\n\n`,
  );
  process.stdout.write(
    `${aimTable([
      { what: 'relay ÷ raw keyset-and-produce loop', ratio: ratio('relay', 'raw'), aim: 0.7 },
      { what: 'consume, decide, append ÷ bare kafkajs batch loop', ratio: ratio('stage', 'bare'), aim: 0.6 },
    ])}\n\n`,
  );
  const [p50, p99] = [percentile(hops, 0.5), percentile(hops, 0.99)];
  process.stdout.write(
    `commit to the next service's commit at ${CALM_RATE} events/s: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (aim ≤ ${CALM_AIM_MS} ms: ${p99 <= CALM_AIM_MS ? 'reached' : 'missed'})\n`,
  );
} finally {
  await Promise.all([kafka.stop(0), postgres.stop()]);
}
process.exit(0);
