/** What is done to brokers, topics and consumers while the load goes on. */
import { kafkaClient } from '@mora/event-feed-kafka';
import type { KafkaCluster } from '@mora/kafka';
import type { EmbeddedPostgres } from '@mora/postgres';
import { longestGap, pause, Stage, type Verdict } from './stage.js';

/** How long, how often. */
export interface Scale {
  readonly rate: number;
  readonly kills: number;
  readonly betweenMs: number;
  readonly brokerPauseMs: number;
  readonly zombiePauseMs: number;
  readonly rebalances: number;
  readonly kafkaGoneMs: number;
}

export interface Setting {
  readonly kafka: KafkaCluster;
  readonly postgres: EmbeddedPostgres;
  readonly scale: Scale;
}

/** What was measured beside the verdict, in ms. */
export type Measured = Readonly<Record<string, number>>;

export interface Scenario {
  readonly name: string;
  readonly what: string;
  run(setting: Setting): Promise<Verdict & { readonly measured: Measured }>;
}

interface Scene {
  readonly name: string;
  readonly what: string;
  /** Consumers from the beginning. */
  readonly takers?: number;
  /** @returns from when on, and for how long, standing still is measured, by what it is called */
  act(stage: Stage, setting: Setting): Promise<readonly Watched[]>;
}

interface Watched {
  readonly called: string;
  readonly from: number;
  readonly ms: number;
}

const CALM_MS = 1_500;

const scenario = ({ name, what, takers = 1, act }: Scene): Scenario => ({
  name,
  what,
  run: async (setting) => {
    const { kafka, postgres, scale } = setting;
    const stage = await Stage.open({ kafka, postgres, name: name.replaceAll('-', '_'), rate: scale.rate });
    try {
      await Promise.all(Array.from({ length: takers }, () => stage.take().joined()));
      stage.load();
      await pause(CALM_MS);
      const watched = await act(stage, setting);
      await pause(CALM_MS);
      const { rows, ...verdict } = await stage.judge();
      const gaps = Object.entries(Object.groupBy(watched, ({ called }) => called)).map(([called, each = []]) => [
        called,
        Math.max(...each.map(({ from, ms }) => longestGap(rows, from, ms))),
      ]);
      return { ...verdict, measured: Object.fromEntries(gaps) };
    } finally {
      await stage.close();
    }
  },
});

const withAdmin = async <T>(
  stage: Stage,
  work: (admin: ReturnType<ReturnType<typeof kafkaClient>['admin']>) => Promise<T>,
) => {
  const admin = kafkaClient(stage.connection).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
};

const partitionsOf = (stage: Stage) =>
  withAdmin(stage, async (admin) => (await admin.fetchTopicMetadata({ topics: [stage.topic] })).topics[0]!.partitions);

/** Until every copy has caught up, so that the next fault meets a whole cluster. */
const inSync = async (stage: Stage, copies: number): Promise<void> => {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const partitions = await partitionsOf(stage).catch(() => []);
    if (partitions.length > 0 && partitions.every(({ isr }) => isr.length === copies)) return;
    if (performance.now() > deadline) throw new Error('the copies did not come back in sync');
    await pause(250);
  }
};

const leaderOf = async (stage: Stage, partition: number): Promise<number> =>
  (await partitionsOf(stage)).find(({ partitionId }) => partitionId === partition)!.leader;

export const SCENARIOS: readonly Scenario[] = [
  scenario({
    name: 'leader-killed',
    what: 'the leader of a partition is killed (SIGKILL) and comes back, again and again',
    act: async (stage, { kafka, scale }) => {
      const watched: Watched[] = [];
      for (let kill = 0; kill < scale.kills; kill++) {
        const victim = kafka.node(await leaderOf(stage, kill % 6));
        watched.push({ called: 'still after a leader was killed', from: Date.now(), ms: scale.betweenMs });
        await victim.kill();
        await pause(scale.betweenMs);
        await victim.restart();
        await inSync(stage, kafka.nodes.length);
      }
      return watched;
    },
  }),
  scenario({
    name: 'broker-paused',
    what: 'a broker that leads is paused (SIGSTOP) and goes on',
    act: async (stage, { kafka, scale }) => {
      const victim = kafka.node(await leaderOf(stage, 0));
      const from = Date.now();
      victim.pause();
      await pause(scale.brokerPauseMs);
      victim.resume();
      await inSync(stage, kafka.nodes.length);
      return [{ called: 'still after a broker was paused', from, ms: scale.brokerPauseMs + 10_000 }];
    },
  }),
  scenario({
    name: 'zombie',
    what: 'one of two consumers is paused past its session and comes back',
    takers: 1,
    act: async (stage, { scale }) => {
      const zombie = await stage.take().joined();
      await pause(CALM_MS);
      const from = Date.now();
      zombie.pause();
      await pause(scale.zombiePauseMs);
      zombie.resume();
      await pause(2_000);
      return [{ called: 'still after a consumer was paused', from, ms: scale.zombiePauseMs + 4_000 }];
    },
  }),
  scenario({
    name: 'rebalances',
    what: 'consumers come, end in order and are killed, every three seconds',
    takers: 2,
    act: async (stage, { scale }) => {
      const from = Date.now();
      for (let time = 0; time < scale.rebalances; time++) {
        const guest = stage.take();
        await pause(3_000);
        await (time % 2 === 0 ? guest.end() : guest.kill());
      }
      return [{ called: 'still in rebalances', from, ms: scale.rebalances * 4_000 }];
    },
  }),
  scenario({
    name: 'topic-recreated',
    what: 'the topic is deleted under load and made anew',
    act: async (stage) => {
      const from = Date.now();
      await withAdmin(stage, (admin) => admin.deleteTopics({ topics: [stage.topic] }));
      await pause(1_000);
      await stage.makeTopic();
      await pause(5_000);
      return [{ called: 'still after the topic was deleted', from, ms: 30_000 }];
    },
  }),
  scenario({
    name: 'retention',
    what: 'retention deletes what the only consumer has not read while it is away',
    takers: 0,
    act: async (stage) => {
      await withAdmin(stage, async (admin) => {
        const before = await admin.fetchTopicOffsets(stage.topic);
        // As retention does, and at once.
        await admin.deleteTopicRecords({
          topic: stage.topic,
          partitions: before.map(({ partition, high }) => ({ partition, offset: high })),
        });
      });
      await stage.take().joined();
      return [];
    },
  }),
  scenario({
    name: 'kafka-gone',
    what: 'every broker is killed, and comes back after a while',
    act: async (stage, { kafka, scale }) => {
      await Promise.all(kafka.nodes.map((node) => node.kill()));
      await pause(scale.kafkaGoneMs);
      await Promise.all(kafka.nodes.map((node) => node.restart()));
      const from = Date.now();
      await inSync(stage, kafka.nodes.length);
      return [{ called: 'until all flowed again, from when the brokers answered', from, ms: 20_000 }];
    },
  }),
];
