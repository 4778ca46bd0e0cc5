import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventEnvelope, type OriginateRequest, type Permit, schemaOf, type Tier, uuidv5 } from '@mora/contracts';
import { type Activity, type Clock, createActivity, MemoryStore, ShardWriter } from '@mora/eventing';
import type { CarrierRecord } from '@mora/simulation';
import { TelephonyGateway } from './gateway.js';
import { context, DEBTOR } from './leg/leg-fixtures.js';
import type { AmdResult, CarrierAdapter, CarrierCall, LineEvent, LineSink, Utterance } from './outbound/carrier.js';
import { SimulatedCarrier } from './outbound/simulated/simulated-carrier.js';
import { dialogue } from './talk/dialogue-fixture.js';

const START = '2026-11-02T02:00:00.000Z';
const WALL = Date.parse('2026-11-23T00:00:00.000Z');
const person: AmdResult = { result: 'person', confidence: 1, version: '1' };

/** A line on which the test says what happens. */
class ScriptedCarrier implements CarrierAdapter {
  readonly kind = 'simulated';
  readonly recogniser = { name: 'test', model: 'm', nluHash: 'n', threshold: 0.5 };
  readonly actions: string[] = [];
  readonly said: Utterance[] = [];
  sink: LineSink = () => undefined;
  onInvite: () => void = () => undefined;
  connect(sink: LineSink): void {
    this.sink = sink;
  }
  invite(call: CarrierCall): void {
    this.actions.push(`invite ${call.number}`);
    this.onInvite();
  }
  say(_attemptId: string, utterance: Utterance): void {
    this.said.push(utterance);
  }
  cancel(): void {
    this.actions.push('cancel');
  }
  hangup(): void {
    this.actions.push('hangup');
  }
  advance(): void {}
  nextAt(): string | null {
    return null;
  }
  close(): void {}
}

class TestClock implements Clock {
  readonly anchor = { kind: 'stepped', anchorId: 'test' } as const;
  private listener: (now: string) => void = () => undefined;
  private at = START;
  now = (): string => this.at;
  onTick(listener: (now: string) => void): () => void {
    this.listener = listener;
    return () => undefined;
  }
  to(at: string): void {
    this.at = at;
    this.listener(at);
  }
}

interface Bench {
  readonly gateway: TelephonyGateway;
  readonly clock: TestClock;
  readonly store: MemoryStore;
  readonly activity: Activity;
  events(): Promise<readonly EventEnvelope[]>;
  wall: number;
  unwrap: () => Promise<void>;
}

const bench = (carrier: CarrierAdapter, channels = 2): Bench => {
  const clock = new TestClock();
  const activity = createActivity();
  const store = new MemoryStore('telephony', 1);
  const made: { wall: number; unwrap: () => Promise<void> } = { wall: WALL, unwrap: async () => undefined };
  const writer = new ShardWriter({
    store,
    activity,
    origin: {
      source: 'telephony',
      shards: 1,
      build: 'test',
      tzdata: 'test',
      clock: { kind: 'stepped', anchorId: 'test' },
      simulated: null,
      now: clock.now,
      wall: () => made.wall,
    },
  });
  const gateway = new TelephonyGateway({
    config: {
      gatewayId: 'gw',
      trunk: 'trunk-1',
      numberShown: '4006',
      channels,
      startsPerSecond: 5,
      incarnation: 'gw-1',
      verifyPermit: (permit) => (permit.signature === 'good' ? null : 'bad signature'),
    },
    carrier,
    seal: (key, { stream, field }, text) =>
      `enc:1:${key.keyId}:${Buffer.from(`${stream}|${field}|${text}`).toString('base64')}`,
    execute: (command) => writer.execute(command),
    intake: {
      unwrap: async () => {
        await made.unwrap();
        return { keyId: 'k1', key: new Uint8Array(32) };
      },
    },
    clock,
    activity,
    wallMs: () => made.wall,
    preciseMs: () => 0,
    warn: () => undefined,
  });
  gateway.start();
  const events = async () => (await store.read({ shard: 0, after: { epoch: 1, position: 0 }, limit: 1000 })).events;
  return Object.assign(made, { gateway, clock, store, activity, events });
};

const attemptOf = (name: string): string => uuidv5(DEBTOR, name);

const requestFor = (attemptId: string, over: Partial<Permit> = {}): OriginateRequest => ({
  attemptId,
  contactId: attemptId,
  debtorId: DEBTOR,
  context: { ...context, tier: 'L' satisfies Tier },
  phoneRef: 'phone-ref-1',
  permit: {
    contactId: attemptId,
    debtorId: DEBTOR,
    phoneRef: 'phone-ref-1',
    channel: 'call',
    gatewayId: 'gw',
    startNotAfter: new Date(WALL + 15_000).toISOString(),
    ringMaxSeconds: 35,
    endBy: '2026-11-02T13:55:00.000Z',
    keyId: 'k',
    signature: 'good',
    ...over,
  },
  number: '+8613800000001',
  voice: 'F1',
  dialogueHash: 'd',
  dialogue,
});

const slotFor = async ({ gateway, clock }: Bench, attemptId: string, at = '2026-11-02T02:00:30.000Z') => {
  const slot = gateway.requestSlot({ attemptId, debtorId: DEBTOR, priority: 1, queuedAt: clock.now() });
  clock.to(at);
  return slot;
};

const typesOf = (events: readonly EventEnvelope[]): readonly string[] => events.map((event) => event.type);

describe('the gateway', () => {
  let carrier: ScriptedCarrier;
  let b: Bench;
  const attempt = attemptOf('one');
  const tell = (event: LineEvent) => carrier.sink(attempt, event);

  beforeEach(() => {
    carrier = new ScriptedCarrier();
    b = bench(carrier);
  });
  afterEach(() => b.gateway.stop());

  it('commits LegAccepted before the INVITE', async () => {
    await slotFor(b, attempt);
    let storedAtInvite: readonly string[] = [];
    const store = b.store as unknown as { log: EventEnvelope[][] };
    carrier.onInvite = () => {
      storedAtInvite = typesOf(store.log[0]!);
    };
    expect(await b.gateway.originate(requestFor(attempt))).toMatchObject({ result: 'accepted', trunk: 'trunk-1' });
    expect(storedAtInvite).toEqual(['LegAccepted']);
    expect(carrier.actions).toEqual(['invite +8613800000001']);
  });

  it('refuses a second originate of the same attempt, at the same time and later', async () => {
    await slotFor(b, attempt);
    const [first, second] = await Promise.all([
      b.gateway.originate(requestFor(attempt)),
      b.gateway.originate(requestFor(attempt)),
    ]);
    expect([first.result, second.result]).toEqual(['accepted', 'refused']);
    tell({
      kind: 'failed',
      at: '2026-11-02T02:00:40.000Z',
      sipCode: 404,
      q850: 1,
      announcement: '空号',
      cancelled: false,
    });
    await b.activity.quiet();
    await slotFor(b, attempt, '2026-11-02T02:01:00.000Z');
    expect(await b.gateway.originate(requestFor(attempt))).toEqual({
      result: 'refused',
      because: 'already originated',
    });
    expect(carrier.actions.filter((action) => action.startsWith('invite'))).toHaveLength(1);
  });

  it('refuses a settled attempt for ever', async () => {
    expect(await b.gateway.settle(attempt, DEBTOR)).toBe('never-left');
    await slotFor(b, attempt);
    expect(await b.gateway.originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'tombstone' });
    expect(carrier.actions).toEqual([]);
    expect(await b.gateway.settle(attempt, DEBTOR)).toBe('never-left');
    expect(typesOf(await b.events())).toEqual(['LegRefused']);
  });

  it.each([
    ['permit expired', { startNotAfter: new Date(WALL).toISOString() }],
    ['bad signature', { signature: 'bad' }],
    ['permit of another gateway', { gatewayId: 'other' }],
    ['permit of another contact', { contactId: attemptOf('other') }],
    ['permit of another debtor or number', { phoneRef: 'phone-ref-2' }],
    ['too late for the permit', { endBy: '2026-11-02T02:00:30.000Z' }],
  ])('refuses with: %s', async (because, over) => {
    await slotFor(b, attempt);
    expect(await b.gateway.originate(requestFor(attempt, over))).toEqual({ result: 'refused', because });
    expect(await b.events()).toEqual([]);
    expect(carrier.actions).toEqual([]);
  });

  it('takes a permit one millisecond before its end', async () => {
    await slotFor(b, attempt);
    const permit = { startNotAfter: new Date(WALL + 1).toISOString() };
    expect((await b.gateway.originate(requestFor(attempt, permit))).result).toBe('accepted');
  });

  it('does not begin a call whose permit expired while it was stored, and says that it never left', async () => {
    await slotFor(b, attempt);
    b.unwrap = async () => {
      b.wall = WALL + 16_000;
    };
    expect(await b.gateway.originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'permit expired' });
    expect(carrier.actions).toEqual([]);
    expect(await b.gateway.settle(attempt, DEBTOR)).toBe('never-left');
  });

  it('refuses who has no slot', async () => {
    expect(await b.gateway.originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'no slot' });
  });

  it('gives a hang-up that comes during the originate its effect', async () => {
    await slotFor(b, attempt);
    b.unwrap = () => b.gateway.hangup(attempt, 'cured');
    expect(await b.gateway.originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'cured' });
    expect(carrier.actions).toEqual([]);
  });

  it('cancels a ringing call, and ends an answered one with the way out as its next turn', async () => {
    await slotFor(b, attempt);
    await b.gateway.originate(requestFor(attempt));
    await b.gateway.hangup(attempt, 'cured');
    await b.gateway.hangup(attempt, 'cured');
    await b.activity.quiet();
    expect(carrier.actions).toEqual(['invite +8613800000001', 'cancel']);
    const ended = (await b.events()).at(-1)!;
    expect(ended.data).toMatchObject({ outcome: { hungUpBy: 'revoked', sipCode: 487, answeredAt: null } });
    expect(await b.gateway.settle(attempt, DEBTOR)).toBe('ended');
  });

  it('holds the talk, writes its turns sealed, and takes the way out when the case is cured', async () => {
    await slotFor(b, attempt);
    await b.gateway.originate(requestFor(attempt));
    tell({ kind: 'answered', at: '2026-11-02T02:00:40.000Z', amd: person });
    expect(carrier.said[0]).toMatchObject({ at: '2026-11-02T02:00:40.600Z', text: '您好', expected: ['yes'] });
    const heard = {
      kind: 'heard',
      intent: 'yes',
      confidence: 0.9,
      text: '是我',
      slots: {},
      speakMs: 400,
      bargeIn: false,
    } as const;
    tell({ kind: 'input', at: '2026-11-02T02:00:42.000Z', promptEndAt: '2026-11-02T02:00:41.000Z', input: heard });
    await b.gateway.hangup(attempt, 'cured');
    const no = { ...heard, intent: 'no', text: '不' };
    tell({ kind: 'input', at: '2026-11-02T02:00:46.000Z', promptEndAt: '2026-11-02T02:00:44.000Z', input: no });
    expect(carrier.said.at(-1)).toMatchObject({ text: '谢谢您', last: true });
    tell({ kind: 'spoken', at: '2026-11-02T02:00:48.000Z' });
    await b.activity.quiet();
    const events = await b.events();
    expect(typesOf(events)).toEqual(['LegAccepted', 'LegAnswered', 'TurnTaken', 'TurnTaken', 'TurnTaken', 'LegEnded']);
    for (const event of events) expect(schemaOf('telephony', event.type)?.safeParse(event.data).error).toBeUndefined();
    expect(events.at(-1)!.data).toMatchObject({
      outcome: {
        hungUpBy: 'revoked',
        endedAt: '2026-11-02T02:00:48.000Z',
        connected: 'yes',
        debtorSpeechMs: 800,
        dialogue: { disposition: 'cured', identity: 'confirmed', conversation: true },
        wordingsSpoken: [{ promptId: 'opening.greet' }, { promptId: 'l-first.remind' }, { promptId: 'ends.thanks' }],
      },
    });
    expect(events[2]!.meta.keyId).toBe('k1');
    expect(events[2]!.meta.correlationId).toBe(context.caseId);
  });

  it('hangs up on a machine within two seconds and without a word', async () => {
    await slotFor(b, attempt);
    await b.gateway.originate(requestFor(attempt));
    tell({ kind: 'answered', at: '2026-11-02T02:00:40.000Z', amd: { ...person, result: 'machine' } });
    await b.activity.quiet();
    expect(carrier.said).toEqual([]);
    expect((await b.events()).at(-1)!.data).toMatchObject({
      outcome: { endedAt: '2026-11-02T02:00:41.500Z', connected: 'yes', dialogue: null, amd: { result: 'machine' } },
    });
  });

  it('calls a leg lost that was open when it went down', async () => {
    await slotFor(b, attempt);
    await b.gateway.originate(requestFor(attempt));
    const [timer] = await b.store.timersNamed('open-leg');
    expect(timer).toMatchObject({ stream: `leg-${attempt}`, subject: DEBTOR });
    await b.gateway.lose(attempt, DEBTOR);
    expect(await b.gateway.settle(attempt, DEBTOR)).toBe('open');
  });

  it('grants a slot at the tick after the request and never at its own instant', async () => {
    const granted: string[] = [];
    const ask = (name: string, priority: number) =>
      b.gateway
        .requestSlot({ attemptId: attemptOf(name), debtorId: DEBTOR, priority, queuedAt: b.clock.now() })
        .then((grant) => granted.push(`${name} ${grant.slotAt}`));
    b.clock.to('2026-11-02T02:00:30.000Z');
    void ask('late', 9);
    void ask('first', 1);
    void ask('second', 2);
    await b.activity.quiet();
    expect(granted).toEqual([]);
    expect(b.gateway.nextTick()).toBe('2026-11-02T02:01:00.000Z');
    b.clock.to('2026-11-02T02:01:00.000Z');
    await b.activity.quiet();
    expect(granted).toEqual(['first 2026-11-02T02:01:00.000Z', 'second 2026-11-02T02:01:00.000Z']);
    await b.gateway.releaseSlot(attemptOf('first'));
    b.clock.to('2026-11-02T02:01:15.000Z');
    b.clock.to('2026-11-02T02:01:30.000Z');
    await b.activity.quiet();
    expect(granted.at(-1)).toBe('late 2026-11-02T02:01:30.000Z');
  });
});

describe('the simulated carrier', () => {
  const run = async (
    order: readonly number[],
  ): Promise<{ events: readonly unknown[]; log: readonly CarrierRecord[] }> => {
    const log: CarrierRecord[] = [];
    const carrier = new SimulatedCarrier({
      seed: 7,
      ordinals: new Map(),
      log: { append: (record) => log.push(record), close: () => undefined },
      wall: () => START,
    });
    const b = bench(carrier, 65);
    const debtors = Array.from({ length: 40 }, (_, i) => uuidv5(DEBTOR, `debtor ${i}`));
    const slots = order.map((i) => {
      const attemptId = uuidv5(debtors[i]!, 'attempt');
      return b.gateway.requestSlot({ attemptId, debtorId: debtors[i]!, priority: 1, queuedAt: START });
    });
    b.clock.to('2026-11-02T02:00:30.000Z');
    await Promise.all(slots);
    await Promise.all(
      order.map((i) => {
        const attemptId = uuidv5(debtors[i]!, 'attempt');
        return b.gateway.originate({ ...requestFor(attemptId, { debtorId: debtors[i]! }), debtorId: debtors[i]! });
      }),
    );
    for (let next = b.gateway.nextTick(); next !== null; next = b.gateway.nextTick()) {
      b.clock.to(next);
      await b.activity.quiet();
    }
    const events = (await b.events())
      .map(({ type, data, meta }) => ({ type, data, at: meta.at }))
      .sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1));
    await b.gateway.stop();
    return { events, log };
  };

  it('gives the same calls and outcomes whatever the order of arrival, and ends every call', async () => {
    const order = Array.from({ length: 40 }, (_, i) => i);
    const first = await run(order);
    const second = await run([...order].reverse());
    expect(second.events).toEqual(first.events);
    const kinds = first.log.map((record) => record.kind);
    expect(kinds.filter((kind) => kind === 'invite')).toHaveLength(40);
    expect(kinds.filter((kind) => kind === 'end')).toHaveLength(40);
    expect(kinds.filter((kind) => kind === 'answer').length).toBeGreaterThan(5);
    const ended = first.events.filter((event) => (event as { type: string }).type === 'LegEnded');
    expect(ended).toHaveLength(40);
    for (const event of ended) expect((event as { at: string }).at.slice(-8)).toMatch(/[03]0\.000Z/);
    for (const event of first.events as readonly { type: string; data: unknown }[])
      expect(schemaOf('telephony', event.type)?.safeParse(event.data).error).toBeUndefined();
  });
});
