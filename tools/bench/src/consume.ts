/**
 * `npm run bench:consume`: take a fact in, decide, append the effect with the checkpoint, against emmett's consumer; and the
 * rebuild of a view from the archive, against a batch upsert by hand. `--rounds 5 --facts 12000 --events 1000000` by default;
 * `--skip-rebuild`, `--only-rebuild`.
 */
import { randomUUID } from 'node:crypto';
import { CommandHandler } from '@event-driven-io/emmett';
import type { EventEnvelope } from '@mora/contracts';
import { type Aggregate, append, Consumer, command, createStoreFeed, ref } from '@mora/eventing';
import { appendEmmett, type Emmett, openEmmett } from './emmett.js';
import { type Ground, machine, type Service, withGround } from './ground.js';
import { type Aim, aimTable, flag, inTurn, numberOption, perSecond, table, timed } from './measure.js';
import { measureRebuild } from './rebuild.js';
import { debtors, endCalls } from './sample.js';

const rounds = numberOption('rounds', 5);
const facts = numberOption('facts', 12_000);
/** emmett takes one fact at a time; fewer are enough for its rate. */
const emmettFacts = Math.min(facts, 600);
const DEBTORS = 600;

interface Scored {
  readonly type: 'CallScored';
  readonly data: Readonly<Record<string, unknown>>;
}
interface Score {
  readonly calls: number;
  readonly talkMs: number;
}

const initial: Score = { calls: 0, talkMs: 0 };
const evolve = (state: Score, event: Scored): Score => ({
  calls: state.calls + 1,
  talkMs: state.talkMs + Number(event.data['talkMs']),
});
/** The effect has the size of its cause. */
const decide = (state: Score, fact: Readonly<Record<string, unknown>>): Scored => ({
  type: 'CallScored',
  data: { ...fact, before: state.calls, scoredAt: '2026-11-03T02:15:00.000Z' },
});

/** Streams of a round are its own, so that every round meets the same states. */
const scores = (round: string): Aggregate<Score, Scored> => ({
  category: `score_${round}`,
  foldVersion: 1,
  initial,
  evolve,
});

const consumeWithMora = async (source: Service, own: Service): Promise<number> => {
  const name = `scoring-${randomUUID()}`;
  const aggregate = scores(name.slice(-8));
  const feed = createStoreFeed(source.store, null, { wall: () => Date.now() });
  const consumer = new Consumer({
    processor: {
      name,
      sources: [source.store.source],
      on: {
        CallEnded: (event: EventEnvelope<string, never>) => {
          const stream = ref(aggregate, event.subject);
          return command({
            name: 'score call',
            subject: event.subject,
            streams: [stream],
            decide: ([state]) => [append(stream, decide(state, event.data))],
          });
        },
      },
    },
    feeds: [feed],
    store: own.store,
    writer: own.writer,
    activity: own.activity,
    onError: (error) => {
      throw error;
    },
  });
  const before = await positions(own);
  const rate = await timed(facts, async () => {
    await consumer.start();
    await until(() => [...consumer.cursors().values()].reduce((sum, c) => sum + c.position, 0) >= facts);
  });
  await consumer.stop();
  const effects = (await positions(own)) - before;
  if (effects !== facts) throw new Error(`${facts} facts had ${effects} effects`);
  return rate;
};

const positions = async ({ store }: Service): Promise<number> =>
  (await store.heads()).reduce((sum, head) => sum + head.position, 0);

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
};

const consumeWithEmmett = async (source: Emmett, own: Emmett): Promise<number> => {
  const round = randomUUID().slice(-8);
  const handle = CommandHandler<Score, Scored>({ evolve, initialState: () => initial });
  const consumer = source.store.consumer({ stopWhen: { noMessagesLeft: true } });
  let taken = 0;
  consumer.reactor({
    processorId: `scoring-${round}`,
    startFrom: 'BEGINNING',
    connectionOptions: { connectionString: source.connectionString },
    eachMessage: async (message: { readonly data: unknown }) => {
      const data = message.data as Readonly<Record<string, unknown>>;
      await handle(own.store, `score_${round}-${String(data['debtorId'])}`, (state) => decide(state, data));
      taken += 1;
    },
  });
  const rate = await timed(emmettFacts, () => consumer.start());
  await consumer.close();
  if (taken !== emmettFacts) throw new Error(`emmett took ${taken} of ${emmettFacts} facts`);
  return rate;
};

const consuming = async (ground: Ground) => {
  const source = await ground.service('dialer');
  const own = await ground.service('scoring');
  const emmettSource = await openEmmett(ground, 'emmett_dialer');
  const emmettOwn = await openEmmett(ground, 'emmett_scoring');
  const ids = debtors(DEBTORS);
  const each = Math.ceil(facts / DEBTORS);
  let left = facts;
  await Promise.all(
    ids.map((id) => {
      const n = Math.min(each, left);
      left -= n;
      return n > 0 ? source.writer.execute(endCalls(id, n)) : null;
    }),
  );
  for (let i = 0; i < emmettFacts; i++) await appendEmmett(emmettSource, ids[i % DEBTORS]!, 1);
  const outcome = await inTurn(
    {
      mora: () => consumeWithMora(source, own),
      emmett: () => consumeWithEmmett(emmettSource, emmettOwn),
    },
    { rounds },
  );
  await emmettSource.close();
  await emmettOwn.close();
  await source.writer.close();
  await own.writer.close();
  return outcome;
};

await withGround(async (ground) => {
  const rows: (readonly string[])[] = [];
  const aims: Aim[] = [];
  if (!flag('only-rebuild')) {
    const { rates, ratio } = await consuming(ground);
    rows.push(['consume, decide, append', perSecond(rates['mora']!), '–', perSecond(rates['emmett']!)]);
    aims.push({ what: 'consume, decide, append ÷ emmett', ratio: ratio('mora', 'emmett'), aim: 10 });
  }
  if (!flag('skip-rebuild')) {
    const events = numberOption('events', 1_000_000);
    const { rates, ratio } = await measureRebuild(ground, events);
    const what = `rebuild of \`calls\` over ${events.toLocaleString('en-US')} events`;
    rows.push([what, perSecond(rates['mora']!), perSecond(rates['raw']!), '–']);
    aims.push({ what: `${what} ÷ raw batch upsert`, ratio: ratio('mora', 'raw'), aim: 0.8 });
  }
  process.stdout.write(`${machine()} · ${rounds} rounds, in turn\n\n`);
  process.stdout.write(`${table(['events per second', 'Mora', 'raw pg', 'emmett'], rows)}\n\n${aimTable(aims)}\n`);
});
