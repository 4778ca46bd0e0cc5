import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type AccountFacts,
  type DialerEvent,
  type IntakeEvent,
  type NewEvent,
  schemaOf,
  shardOf,
  type TieringEvent,
} from '@mora/contracts';
import {
  type Aggregate,
  append,
  Consumer,
  command,
  createActivity,
  createStoreFeed,
  MemoryStore,
  type Origin,
  ref,
  ShardWriter,
} from '@mora/eventing';
import { scoredFacts, scoringProcessor } from './reactions/on-facts.js';
import { CASE, DEBTOR, day, on, packageHash, strategy } from './testing/scores.js';

const SHARDS = 4;
const shard = shardOf(DEBTOR, SHARDS);
const facts: AccountFacts = {
  accountId: 'A1',
  product: 'card',
  currency: 'CNY',
  creditLimit: 1_000_000,
  statementBalance: 100_000,
  minimumDue: 50_000,
  paidSinceStatement: 0,
  overdueAmount: null,
  interestToDate: null,
  lateFee: null,
  feesAsOf: null,
  dueDate: day(0),
  dpdReported: 1,
  cycle: null,
  cardTail: '1234',
  graceDays: 3,
  tolerance: null,
  bureauReportOn: null,
  cardActionOn: null,
  cardStatus: 'active',
  creditReportStatus: 'unknown',
  autopay: { on: false, nextTryAt: null },
  offers: [],
  benefitsText: null,
  agencyNotice: null,
  flags: [],
  history: { recordedMonths: 6, delinquency: [], payments: [], earlierEpisodes: [], promises: [] },
};
const provenance = {
  bankEventId: 'b1',
  bankSequence: 0,
  channel: { kind: 'file', name: 'book.csv', offset: 2 },
  rawHash: 'hash',
  businessDate: day(1),
  receivedAt: on(1, '05:00'),
} as const;
const caseRef = { caseId: CASE, debtorId: DEBTOR, accountId: 'A1' };
const opened: IntakeEvent = {
  type: 'CaseOpened',
  data: { ...caseRef, facts, unpaidMinimum: 50_000, dpd: 1, provenance },
};
const activated: TieringEvent = {
  type: 'StrategyActivated',
  data: { hash: packageHash, name: 'cn-early-delinquency', at: on(1, '05:00'), by: 'ops' },
};
const tiered = (nextPlanAt: string | null): TieringEvent => ({
  type: 'AccountTiered',
  data: {
    ...caseRef,
    strategyHash: packageHash,
    businessDate: day(1),
    dpd: 1,
    term: 'short',
    base: 'L',
    rules: [],
    sum: 0,
    shift: 0,
    previous: null,
    tier: 'L',
    pendingRise: null,
    frozen: false,
    unpaidMinimum: 50_000,
    currency: 'CNY',
    band: 'normal',
    inGrace: true,
    lastLabel: null,
    score: null,
    trigger: 'opened',
    nextPlanAt,
  },
});
const ended: DialerEvent = {
  type: 'CallEnded',
  data: {
    attemptId: 'attempt-1',
    contactId: 'attempt-1',
    debtorId: DEBTOR,
    context: {
      caseId: CASE,
      accountId: 'A1',
      treatmentId: CASE,
      businessDate: day(1),
      dpd: 1,
      tier: 'L',
      term: 'short',
      stage: 'l-first',
      experimentId: 'e',
      arm: 'champion',
      strategyHash: packageHash,
      channel: 'call',
      ordinalInEpisode: 1,
      ordinalToday: 1,
    },
    phoneRef: 'phone-one',
    voice: 'F1',
    script: 'l-first',
    disposition: 'promised',
    connected: 'yes',
    conversation: true,
    rightParty: true,
    rightPartyBy: 'said',
    talkMs: 41_400,
    endedAt: on(1, '14:10'),
    settledBy: 'live',
    outcome: null,
    dialogue: {
      end: 'end-promise',
      disposition: 'promised',
      identity: 'confirmed',
      conversation: true,
      intents: [{ turn: 2, intent: 'G-how' }],
      label: 'promise-date',
      labelTurns: [3, 4],
      reason: 'forgot',
      flags: [],
      promise: {
        amount: 50_000,
        currency: 'CNY',
        date: day(4),
        kind: 'minimum',
        turn: 4,
        parserHash: 'p',
        confidence: 1,
      },
      deferTo: null,
      callbackAt: null,
      smsAsked: [],
      stops: [],
      claimedPaidOn: null,
      understoodTurns: 4,
      unclearTurns: 0,
      personalised: false,
    },
    firstAttemptOfEpisode: true,
  },
};

/** Scoring on a store in memory behind feeds of the three services it listens to. */
const start = async () => {
  const activity = createActivity();
  const origin = (source: string): Origin => ({
    source,
    shards: SHARDS,
    build: 'test',
    tzdata: 'test',
    clock: { kind: 'stepped', anchorId: 'test' },
    simulated: null,
    now: () => on(1, '14:10'),
    wall: () => 0,
    check: (type, data) => schemaOf(source, type)?.parse(data),
  });
  const sources = ['intake', 'tiering', 'dialer'].map((source) => {
    const store = new MemoryStore(source, SHARDS);
    const writer = new ShardWriter({ store, origin: origin(source), activity });
    return { source, store, writer, feed: createStoreFeed(store, writer, { wall: () => 0 }) };
  });
  const store = new MemoryStore('scoring', SHARDS);
  const writer = new ShardWriter({ store, origin: origin('scoring'), activity });
  const processor = scoringProcessor((hash) => (hash === packageHash ? strategy : undefined));
  const consumer = new Consumer({ processor, feeds: sources.map((s) => s.feed), store, writer, activity });
  await consumer.start();
  running.push(() => consumer.stop());
  const of = (source: string) => sources.find((s) => s.source === source)!;
  return {
    say: async (source: string, ...events: readonly NewEvent[]) => {
      const said: Aggregate<null> = { category: 'said', foldVersion: 1, initial: null, evolve: (s) => s };
      const stream = ref(said, 'one');
      const decide = () => events.map((e) => append(stream, e));
      await of(source).writer.execute(command({ name: 'say', subject: DEBTOR, shard, streams: [stream], decide }));
    },
    /** Tiering has taken the case in: what it says from now on is an effect of it. */
    tieringKnowsTheCase: () => of('tiering').writer.noteTaken('intake', shard, { epoch: 1, position: 1 }),
    quiet: () => activity.quiet(),
    deliverAgain: async (source: string) => {
      const { events } = await of(source).store.read({ shard, after: { epoch: 0, position: 0 }, limit: 100 });
      const steps = events.map((event) => {
        const made = processor.on[event.type]?.(event as never) ?? [];
        return { event, commands: Array.isArray(made) ? made : [made as never], park: null };
      });
      const from = (await store.checkpoints('scoring')).find((c) => c.shard === shard && c.source === source)!;
      return writer.take({ processor: 'scoring', source, shard, from, steps });
    },
    parked: () => store.parked({ limit: 10 }),
    published: async () =>
      (await store.read({ shard, after: { epoch: 0, position: 0 }, limit: 1_000 })).events.filter(
        (e) => schemaOf('scoring', e.type) !== undefined,
      ),
  };
};
const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

describe('the scoring service', () => {
  it('scores at the day plan and after a call, and labels the conversation', async () => {
    const service = await start();
    await service.say('intake', opened);
    await service.say('tiering', activated);
    service.tieringKnowsTheCase();
    await service.say('tiering', tiered(on(1, '06:00')), tiered(null));
    await service.quiet();
    await service.say('dialer', ended);
    await service.quiet();
    const events = await service.published();
    expect(events.map((e) => e.type)).toEqual(['AccountScored', 'ConversationLabelled', 'AccountScored']);
    expect(events[2]!.data).toMatchObject({
      score: 50 + 15 + 10 + 6 + 4,
      features: { lastLabel: 'promise-date', lastLabelDate: day(4), longestConversationSeconds: 41 },
    });
    expect(events[1]).toMatchObject({
      subject: DEBTOR,
      data: { intent: 'promise-date', intentTurns: [3, 4], reason: 'forgot', rightParty: true },
      meta: { correlationId: CASE, cause: `dialer/1/${shard}/1`, policies: [{ kind: 'scorecard', hash: packageHash }] },
    });
  });

  it('adds nothing when everything is delivered again', async () => {
    const service = await start();
    await service.say('intake', opened);
    await service.say('tiering', activated, tiered(on(1, '06:00')));
    await service.quiet();
    await service.say('dialer', ended);
    await service.quiet();
    const before = (await service.published()).length;
    for (const source of ['intake', 'tiering', 'dialer']) await service.deliverAgain(source);
    expect(await service.published()).toHaveLength(before);
  });

  it('waits for the strategy instead of parking what came before it', async () => {
    const service = await start();
    await service.say('intake', opened);
    await new Promise((r) => setTimeout(r, 20));
    expect(await service.published()).toEqual([]);
    await service.say('tiering', activated);
    service.tieringKnowsTheCase();
    await service.say('tiering', tiered(on(1, '06:00')));
    await service.quiet();
    expect(await service.parked()).toEqual([]);
    expect((await service.published()).map((e) => e.type)).toEqual(['AccountScored']);
  });
});

describe('the history of an account', () => {
  it('counts twelve months of episodes and kept promises, six of broken ones, and none of the episode itself', () => {
    const earlierEpisodes = [
      { openedOn: '2025-10-31', curedAtDpd: 1 },
      { openedOn: '2025-11-01', curedAtDpd: 3 },
      { openedOn: '2026-05-01', curedAtDpd: 4 },
      { openedOn: '2026-08-01', curedAtDpd: null },
      { openedOn: '2026-11-01', curedAtDpd: null },
    ];
    const promises = [
      { on: '2025-10-31', result: 'kept' },
      { on: '2025-11-01', result: 'kept' },
      { on: '2026-04-30', result: 'broken' },
      { on: '2026-05-01', result: 'broken' },
      { on: '2026-11-01', result: 'broken' },
    ] as const;
    const history = { ...facts.history, earlierEpisodes, promises: [...promises] };
    expect(scoredFacts({ ...facts, history }, 50_000)).toMatchObject({
      earlierEpisodes12m: 3,
      earlierCuredEarly: 1,
      earlierCuredLate: 2,
      promisesKept12m: 1,
      brokenBefore6m: 1,
    });
  });
});
