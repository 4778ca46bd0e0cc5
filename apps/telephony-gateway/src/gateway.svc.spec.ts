import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TelephonyEvent } from '@mora/contracts';
import { type CommitResult, MemoryStore, NO_WRITE } from '@mora/eventing';
import { openField, phoneRefOf } from '@mora/keys';
import { type ServiceWorld, type ServiceWorldOptions, serviceWorld } from '@mora/test-kit';
import { TelephonyGateway } from './gateway.js';
import { context, DEBTOR } from './leg/leg-fixtures.js';
import { CARRIER, type LineEvent } from './outbound/carrier.js';
import { TelephonyGatewayModule } from './telephony-gateway.module.js';
import { attemptOf, config, dataKey, requestFor, START, WALL } from './testing/samples.js';
import { person, ScriptedCarrier } from './testing/scripted-carrier.js';

type EventData<T extends TelephonyEvent['type']> = Extract<TelephonyEvent, { type: T }>['data'];

/** As a primary whose standby takes over without its last events. */
class ForgetfulStore extends MemoryStore {
  forgets = false;

  override locked(...[shards, build]: Parameters<MemoryStore['locked']>): Promise<CommitResult> {
    return super.locked(shards, async (session) => {
      const write = await build(session);
      return this.forgets ? NO_WRITE : write;
    });
  }
}

describe('the gateway', () => {
  const attempt = attemptOf('one');
  let carrier: ScriptedCarrier;
  let world: ServiceWorld;
  let options: () => ServiceWorldOptions;
  let whileKeyIsAsked: () => void | Promise<void>;
  let keyOfDebtor: typeof dataKey | null;
  const gateway = () => world.get(TelephonyGateway);
  const tell = (event: LineEvent) => carrier.sink(attempt, event);

  beforeEach(async () => {
    carrier = new ScriptedCarrier();
    whileKeyIsAsked = () => undefined;
    keyOfDebtor = dataKey;
    const unwrap = async () => {
      await whileKeyIsAsked();
      return keyOfDebtor;
    };
    options = () => ({
      module: (platform) => TelephonyGatewayModule.for(platform, config),
      at: START,
      wall: WALL,
      ports: { intake: { unwrap } },
      override: (testing) => testing.overrideProvider(CARRIER).useValue(carrier),
    });
    world = await serviceWorld(options());
  });
  afterEach(() => world.stop());

  const slotComes = async (attemptId = attempt, at = '2026-11-02T02:00:30.000Z') => {
    const slot = gateway().requestSlot({ attemptId, debtorId: DEBTOR, priority: 1, queuedAt: world.now });
    await world.moveTo(at);
    return slot;
  };

  it('commits LegAccepted before the INVITE', async () => {
    await slotComes();
    let storedAtInvite: readonly string[] = [];
    carrier.onInvite = () => {
      storedAtInvite = world.thenTypes();
    };
    expect(await gateway().originate(requestFor(attempt))).toMatchObject({ result: 'accepted', trunk: 'trunk-1' });
    expect(storedAtInvite).toEqual(['LegAccepted']);
    expect(carrier.actions).toEqual(['invite +8613800000001']);
  });

  it('refuses a second originate of the same attempt, at the same time and later', async () => {
    await slotComes();
    const [first, second] = await Promise.all([
      gateway().originate(requestFor(attempt)),
      gateway().originate(requestFor(attempt)),
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
    await world.settled();
    await slotComes(attempt, '2026-11-02T02:01:00.000Z');
    expect(await gateway().originate(requestFor(attempt))).toEqual({
      result: 'refused',
      because: 'already originated',
    });
    expect(carrier.actions.filter((action) => action.startsWith('invite'))).toHaveLength(1);
  });

  it('makes no call by a clock that is behind the database’s: the permit may have ended', async () => {
    await world.stop();
    let database = START;
    const store = new MemoryStore('telephony', 4, () => Date.parse(database));
    world = await serviceWorld({ ...options(), clock: 'real', stores: new Map([['telephony', store]]) });
    await slotComes(attempt, '2026-11-02T02:00:05.000Z');
    database = '2026-11-02T02:00:08.000Z';
    expect(await gateway().originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'clock is off' });
    expect(carrier.actions).toEqual([]);
    expect(world.thenTypes()).toEqual(['LegAccepted', 'LegRefused']);
  });

  it('does not say of a call that is on that it never left, also when its store has lost it', async () => {
    await world.stop();
    const store = new ForgetfulStore('telephony', 4, () => WALL);
    world = await serviceWorld({ ...options(), stores: new Map([['telephony', store]]) });
    await slotComes();
    store.forgets = true;
    expect((await gateway().originate(requestFor(attempt))).result).toBe('accepted');
    store.forgets = false;
    expect(await gateway().settle(attempt, DEBTOR)).toBe('open');
    expect((await store.heads()).every(({ position }) => position === 0)).toBe(true);
  });

  it('refuses a settled attempt for ever', async () => {
    expect(await gateway().settle(attempt, DEBTOR)).toBe('never-left');
    await slotComes();
    expect(await gateway().originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'tombstone' });
    expect(carrier.actions).toEqual([]);
    expect(await gateway().settle(attempt, DEBTOR)).toBe('never-left');
    expect(world.thenTypes()).toEqual(['LegRefused']);
  });

  it.each([
    ['permit expired', { startNotAfter: new Date(WALL).toISOString() }],
    ['bad signature', { signature: 'bad' }],
    ['permit of another gateway', { gatewayId: 'other' }],
    ['permit of another contact', { contactId: attemptOf('other') }],
    ['permit of another debtor or number', { phoneRef: 'phone-ref-2' }],
    ['too late for the permit', { endBy: '2026-11-02T02:00:30.000Z' }],
  ])('refuses with: %s', async (because, over) => {
    await slotComes();
    expect(await gateway().originate(requestFor(attempt, over))).toEqual({ result: 'refused', because });
    expect(world.events).toEqual([]);
    expect(carrier.actions).toEqual([]);
  });

  it('refuses, for ever, a number that is not the permit’s', async () => {
    await slotComes();
    const other = { ...requestFor(attempt), number: '+8613800000002' };
    const because = 'number of another permit';
    expect(await gateway().originate(other)).toEqual({ result: 'refused', because });
    expect(world.thenOf('LegRefused')).toEqual([expect.objectContaining({ attemptId: attempt, because })]);
    expect(await gateway().settle(attempt, DEBTOR)).toBe('never-left');
    await slotComes(attempt, '2026-11-02T02:01:00.000Z');
    expect(await gateway().originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'tombstone' });
    expect(carrier.actions).toEqual([]);
    expect(JSON.stringify(world.events)).not.toContain('13800000002');
  });

  it.each([
    ['a premium', '+8616812345'],
    ['a satellite', '+881612345678'],
    ['a shared-cost', '+864001234567'],
    ['a service', '+8695588'],
    ['an unknown', '+3727001234'],
  ])('refuses %s number also with a permit for it', async (_kind, number) => {
    await slotComes();
    const phoneRef = phoneRefOf(dataKey.key, number);
    const request = { ...requestFor(attempt, { phoneRef }), phoneRef, number };
    const because = 'destination not on the list';
    expect(await gateway().originate(request)).toEqual({ result: 'refused', because });
    expect(carrier.actions).toEqual([]);
    expect(world.thenTypes()).toEqual(['LegRefused']);
  });

  it('calls nobody whose key is gone: the number cannot be compared', async () => {
    await slotComes();
    keyOfDebtor = null;
    expect(await gateway().originate(requestFor(attempt))).toEqual({
      result: 'refused',
      because: 'no key of the debtor',
    });
    expect(carrier.actions).toEqual([]);
    expect(world.thenTypes()).toEqual(['LegRefused']);
  });

  it('takes a permit one millisecond before its end', async () => {
    await slotComes();
    const permit = { startNotAfter: new Date(WALL + 1).toISOString() };
    expect((await gateway().originate(requestFor(attempt, permit))).result).toBe('accepted');
  });

  it('does not begin a call whose permit expired while it was stored, and says that it never left', async () => {
    await slotComes();
    whileKeyIsAsked = () => world.passWall(16_000);
    expect(await gateway().originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'permit expired' });
    expect(carrier.actions).toEqual([]);
    expect(await gateway().settle(attempt, DEBTOR)).toBe('never-left');
  });

  it('refuses who has no slot', async () => {
    expect(await gateway().originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'no slot' });
  });

  it('gives a hang-up that comes during the originate its effect', async () => {
    await slotComes();
    whileKeyIsAsked = () => gateway().hangup(attempt, 'cured');
    expect(await gateway().originate(requestFor(attempt))).toEqual({ result: 'refused', because: 'cured' });
    expect(carrier.actions).toEqual([]);
  });

  it('cancels a ringing call, and ends an answered one with the way out as its next turn', async () => {
    await slotComes();
    await gateway().originate(requestFor(attempt));
    await gateway().hangup(attempt, 'cured');
    await gateway().hangup(attempt, 'cured');
    await world.settled();
    expect(carrier.actions).toEqual(['invite +8613800000001', 'cancel']);
    const ended = world.events.at(-1)!;
    expect(ended.data).toMatchObject({ outcome: { hungUpBy: 'revoked', sipCode: 487, answeredAt: null } });
    expect(await gateway().settle(attempt, DEBTOR)).toBe('ended');
  });

  it('holds the talk, writes its turns sealed, and takes the way out when the case is cured', async () => {
    await slotComes();
    await gateway().originate(requestFor(attempt));
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
    await gateway().hangup(attempt, 'cured');
    const no = { ...heard, intent: 'no', text: '不' };
    tell({ kind: 'input', at: '2026-11-02T02:00:46.000Z', promptEndAt: '2026-11-02T02:00:44.000Z', input: no });
    expect(carrier.said.at(-1)).toMatchObject({ text: '谢谢您', last: true });
    tell({ kind: 'spoken', at: '2026-11-02T02:00:48.000Z' });
    await world.settled();
    expect(world.thenTypes()).toEqual([
      'LegAccepted',
      'LegAnswered',
      'TurnTaken',
      'TurnTaken',
      'TurnTaken',
      'LegEnded',
    ]);
    expect(world.events.at(-1)!.data).toMatchObject({
      outcome: {
        hungUpBy: 'revoked',
        endedAt: '2026-11-02T02:00:48.000Z',
        connected: 'yes',
        debtorSpeechMs: 800,
        dialogue: { disposition: 'cured', identity: 'confirmed', conversation: true },
        wordingsSpoken: [{ promptId: 'opening.greet' }, { promptId: 'l-first.remind' }, { promptId: 'ends.thanks' }],
      },
    });
    const [{ turn }] = world.thenOf<EventData<'TurnTaken'>>('TurnTaken') as [EventData<'TurnTaken'>];
    const place = { debtorId: DEBTOR, stream: `leg-${attempt}`, field: 'turn.0.heard' };
    expect(openField(dataKey, place, turn.heard!)).toBe('是我');
    expect(world.events[2]!.meta).toMatchObject({ keyId: 'k1', correlationId: context.caseId });
  });

  it('hangs up on a machine within two seconds and without a word', async () => {
    await slotComes();
    await gateway().originate(requestFor(attempt));
    tell({ kind: 'answered', at: '2026-11-02T02:00:40.000Z', amd: { ...person, result: 'machine' } });
    await world.settled();
    expect(carrier.said).toEqual([]);
    expect(world.events.at(-1)!.data).toMatchObject({
      outcome: { endedAt: '2026-11-02T02:00:41.500Z', connected: 'yes', dialogue: null, amd: { result: 'machine' } },
    });
  });

  it('calls a leg lost that was open when it went down', async () => {
    await slotComes();
    await gateway().originate(requestFor(attempt));
    const [timer] = await world.core.store.timersNamed('open-leg');
    expect(timer).toMatchObject({ stream: `leg-${attempt}`, subject: DEBTOR });
    await gateway().lose(attempt, DEBTOR);
    expect(await gateway().settle(attempt, DEBTOR)).toBe('open');
    world = await world.restarted();
    expect(world.thenTypes()).toEqual(['LegLost']);
    expect(await gateway().settle(attempt, DEBTOR)).toBe('lost');
  });

  it('leaves a leg alone that it still follows when its timer is due', async () => {
    await slotComes();
    await gateway().originate(requestFor(attempt));
    await world.moveTo('2026-11-02T02:30:00.000Z');
    expect(world.thenTypes()).toEqual(['LegAccepted']);
  });

  it('finds a leg again that it still followed when its timer was due and it went down', async () => {
    await slotComes();
    await gateway().originate(requestFor(attempt));
    await world.moveTo('2026-11-02T02:30:00.000Z');
    expect((await world.life.standing()).timers).toMatchObject([{ stream: `leg-${attempt}` }]);
    world = await world.restarted();
    expect(world.thenTypes()).toEqual(['LegLost']);
  });

  it('grants a slot at the tick after the request and never at its own instant', async () => {
    const granted: string[] = [];
    const ask = (name: string, priority: number) =>
      gateway()
        .requestSlot({ attemptId: attemptOf(name), debtorId: DEBTOR, priority, queuedAt: world.now })
        .then((grant) => granted.push(`${name} ${grant.slotAt}`));
    await world.moveTo('2026-11-02T02:00:30.000Z');
    void ask('late', 9);
    void ask('first', 1);
    void ask('second', 2);
    await world.settled();
    expect(granted).toEqual([]);
    expect(await world.life.nextDue()).toBe('2026-11-02T02:01:00.000Z');
    await world.moveTo('2026-11-02T02:01:00.000Z');
    expect(granted).toEqual(['first 2026-11-02T02:01:00.000Z', 'second 2026-11-02T02:01:00.000Z']);
    await gateway().releaseSlot(attemptOf('first'));
    await world.moveTo('2026-11-02T02:01:15.000Z');
    await world.moveTo('2026-11-02T02:01:30.000Z');
    expect(granted.at(-1)).toBe('late 2026-11-02T02:01:30.000Z');
  });
});
