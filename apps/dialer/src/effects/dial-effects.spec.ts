import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AuthorizeReply,
  type EventEnvelope,
  type LegFate,
  type OriginateReply,
  type Permit,
  type SlotGrant,
  schemaOf,
} from '@mora/contracts';
import { createActivity, MemoryStore, ShardWriter } from '@mora/eventing';
import type { Noting } from '../commands.js';
import { dialerCommands } from '../commands.js';
import type { DialingEvent } from '../dialing/events.js';
import { attemptIdFor } from '../dialing/facts.js';
import { CASE, config, DEBTOR, known, local, outcome, strategyHash, talked } from '../testing/samples.js';
import { DialEffects } from './dial-effects.js';

const DAY = '2026-11-03';
const ATTEMPT = attemptIdFor(DEBTOR, 1);
const permit: Permit = {
  contactId: ATTEMPT,
  debtorId: DEBTOR,
  phoneRef: 'phone-ref-1',
  channel: 'call',
  gatewayId: 'gw',
  startNotAfter: '2026-11-23T00:00:15.000Z',
  ringMaxSeconds: 35,
  endBy: local(DAY, '21:55'),
  keyId: 'k',
  signature: 's',
};

/** The other services, as a list of what was asked of them. */
class World {
  readonly asked: string[] = [];
  verdict: () => Promise<AuthorizeReply> = async () => ({ result: 'allowed', permit });
  reveal: () => Promise<string> = async () => '+8613800000001';
  originate: () => Promise<OriginateReply> = async () => ({
    result: 'accepted',
    legId: 'leg',
    trunk: 'trunk-1',
    acceptedAt: bench.clock,
  });
  fate: LegFate = 'never-left';
  private grant: ((grant: SlotGrant) => void) | null = null;

  readonly ports = {
    gateway: {
      requestSlot: (request: { attemptId: string }) => {
        this.asked.push('requestSlot');
        return new Promise<SlotGrant>((resolve) => {
          this.grant = (grant) => resolve({ ...grant, attemptId: request.attemptId });
        });
      },
      releaseSlot: async () => void this.asked.push('releaseSlot'),
      originate: (request: { number: string; name?: string }) => {
        this.asked.push(`originate ${request.number} ${request.name}`);
        return this.originate();
      },
      hangup: async (_attemptId: string, why: string) => void this.asked.push(`hangup ${why}`),
      settle: async () => {
        this.asked.push('settle');
        return this.fate;
      },
    },
    guard: {
      authorize: (request: { accountIds: readonly string[] }) => {
        this.asked.push(`authorize ${request.accountIds.join()}`);
        return this.verdict();
      },
    },
    intake: {
      reveal: () => {
        this.asked.push('reveal');
        return this.reveal();
      },
      unwrap: async () => ({ keyId: 'k', key: new Uint8Array(32) }),
      numberKey: async () => null,
    },
  };

  slot(): void {
    const { clock } = bench;
    this.grant?.({
      attemptId: '',
      slotAt: clock,
      limiter: 'none',
      limit: 65,
      inUse: 1,
      gatewayId: 'gw',
      trunk: 'trunk-1',
    });
  }
}

const makeBench = () => {
  const world = new World();
  const store = new MemoryStore('dialer', 1);
  const activity = createActivity();
  const state = { clock: local(DAY, '05:00') };
  const writer = new ShardWriter({
    store,
    activity,
    origin: {
      source: 'dialer',
      shards: 1,
      build: 'test',
      tzdata: 'test',
      clock: { kind: 'stepped', anchorId: 'test' },
      simulated: null,
      now: () => state.clock,
      wall: () => 0,
      check: (type, data) => void schemaOf('dialer', type)?.parse(data),
    },
  });
  const commands = dialerCommands(config, 1);
  const effectsOn = () =>
    new DialEffects({
      commands,
      ports: world.ports,
      execute: (command) => writer.execute(command),
      timersNamed: (name) => store.timersNamed(name),
      activity,
      openSurname: () => '王',
      warn: () => undefined,
      pause: async () => undefined,
    });
  const effects = effectsOn();
  writer.onCommitted((events) => effects.onCommitted(events));
  const events = async (): Promise<readonly EventEnvelope[]> =>
    (await store.read({ shard: 0, after: { epoch: 1, position: 0 }, limit: 1000 })).events;
  return Object.assign(state, { world, store, activity, writer, commands, effectsOn, events });
};

let bench: ReturnType<typeof makeBench>;

const note = (events: readonly DialingEvent[], replan: Noting['replan'] = 'never') =>
  bench.writer.execute(bench.commands.note(DEBTOR, { name: 'note', replan, events: () => events }));

const typesSince = async (count: number): Promise<readonly string[]> =>
  (await bench.events()).slice(count).map((event) => event.type);

/** Plans the day and lets the first dial come due. @returns how many events were written so far. */
const untilDue = async (): Promise<number> => {
  await bench.writer.execute(bench.commands.noteGate(0, { type: 'StrategyNoted', data: { hash: strategyHash } }));
  await note(known);
  bench.clock = local(DAY, '06:00');
  await bench.writer.execute(bench.commands.dayPlan(DEBTOR));
  const [timer] = await bench.store.timersNamed('dial');
  bench.clock = timer!.dueAt;
  await bench.writer.execute(bench.commands.queue(DEBTOR));
  await bench.activity.quiet();
  return (await bench.events()).length;
};

const slotComes = async (): Promise<void> => {
  bench.world.slot();
  await new Promise((resolve) => setImmediate(resolve));
  await bench.activity.quiet();
};

describe('a dial', () => {
  beforeEach(() => {
    bench = makeBench();
  });

  it('waits for a line without holding the clock', async () => {
    await untilDue();
    expect(bench.world.asked).toEqual(['requestSlot']);
    expect(bench.activity.busy).toBe(0);
  });

  it('goes slot, intent, permit, number, originate, in this order', async () => {
    const before = await untilDue();
    let storedAtAuthorize: readonly string[] = [];
    bench.world.verdict = async () => {
      storedAtAuthorize = await typesSince(before);
      return { result: 'allowed', permit };
    };
    await slotComes();
    expect(storedAtAuthorize).toEqual(['CallIntended', 'DialIntended']);
    expect(bench.world.asked).toEqual(['requestSlot', 'authorize acc-1', 'reveal', 'originate +8613800000001 王']);
    expect(await typesSince(before)).toEqual(['CallIntended', 'DialIntended', 'CallOriginated']);
    const intended = (await bench.events())[before]!;
    expect(intended.data).toMatchObject({
      attemptId: ATTEMPT,
      contactId: ATTEMPT,
      reason: 'first',
      voice: 'F1',
      lifelongOrdinal: 1,
      context: { caseId: CASE, dpd: 2, tier: 'L', ordinalInEpisode: 1, ordinalToday: 1, stage: 'l-first' },
    });
    expect(intended.meta).toMatchObject({
      correlationId: CASE,
      policies: [{ kind: 'strategy', hash: strategyHash }],
    });
  });

  it('is not made when the guard denies, and not tried before the guard allows', async () => {
    const before = await untilDue();
    const retryNotBefore = local('2026-11-04', '08:00');
    bench.world.verdict = async () => ({ result: 'denied', deniedBy: ['CN-HOURS'], retryNotBefore });
    await slotComes();
    expect(bench.world.asked).toEqual(['requestSlot', 'authorize acc-1', 'releaseSlot']);
    expect((await typesSince(before)).slice(2)).toEqual(['CallDeniedByGuard', 'DialClosed', 'DayPlanned']);
    expect((await bench.events()).at(-1)!.data).toMatchObject({ nextDialAt: null, why: 'held-until-tomorrow' });
  });

  it.each<[string, Partial<Pick<World, 'verdict' | 'reveal' | 'originate'>>]>([
    ['the guard does not answer', { verdict: () => Promise.reject(new Error('down')) }],
    ['the number is not revealed', { reveal: () => Promise.reject(new Error('no permit')) }],
    ['the gateway refuses', { originate: async () => ({ result: 'refused', because: 'permit expired' }) }],
  ])('is withdrawn, after the gateway swears that it never left, when %s', async (_title, fail) => {
    const before = await untilDue();
    Object.assign(bench.world, fail);
    await slotComes();
    expect(bench.world.asked).toContain('settle');
    expect(bench.world.asked.at(-1)).toBe('releaseSlot');
    expect((await typesSince(before)).slice(2, 5)).toEqual(['GiveUpNoted', 'CallWithdrawn', 'DialClosed']);
    await bench.writer.execute(bench.commands.withdraw(DEBTOR, ATTEMPT, 'again'));
    expect((await typesSince(before)).filter((type) => type === 'CallWithdrawn')).toHaveLength(1);
  });

  it('stays open when the gateway cannot swear that it never left', async () => {
    const before = await untilDue();
    bench.world.originate = () => Promise.reject(new Error('connection lost'));
    bench.world.fate = 'open';
    await slotComes();
    expect(await typesSince(before)).toEqual(['CallIntended', 'DialIntended', 'GiveUpNoted']);
    await bench.writer.execute(bench.commands.originated(DEBTOR, ATTEMPT, { trunk: 't', originatedAt: bench.clock }));
    await bench.writer.execute(bench.commands.originated(DEBTOR, ATTEMPT, { trunk: 't', originatedAt: bench.clock }));
    expect((await typesSince(before)).slice(3)).toEqual(['CallOriginated']);
  });

  it('is given up when the permit is taken back before the originate, and hung up after it', async () => {
    const before = await untilDue();
    bench.world.verdict = async () => {
      await bench.writer.execute(bench.commands.revoke(DEBTOR, ATTEMPT, 'cured'));
      return { result: 'allowed', permit };
    };
    await slotComes();
    expect(bench.world.asked.some((asked) => asked.startsWith('originate'))).toBe(false);
    expect(await typesSince(before)).toContain('CallWithdrawn');

    bench = makeBench();
    await untilDue();
    await slotComes();
    await bench.writer.execute(bench.commands.revoke(DEBTOR, ATTEMPT, 'cured'));
    await bench.writer.execute(bench.commands.revoke(DEBTOR, ATTEMPT, 'cured'));
    await bench.activity.quiet();
    expect(bench.world.asked.filter((asked) => asked.startsWith('hangup'))).toEqual(['hangup cured']);
  });

  it('gives its place in the queue back when a fact forbids the call', async () => {
    const before = await untilDue();
    await note([{ type: 'ClaimNoted', data: { caseId: CASE, checking: true } }], 'always');
    await bench.activity.quiet();
    expect(bench.world.asked).toEqual(['requestSlot', 'releaseSlot']);
    await slotComes();
    expect(await typesSince(before)).toEqual(['ClaimNoted', 'DialClosed', 'DayPlanned']);
  });

  it('is dropped when the window ended while it waited for a line', async () => {
    const before = await untilDue();
    bench.clock = local(DAY, '20:30');
    await slotComes();
    expect(await typesSince(before)).toEqual(['DialClosed', 'DayPlanned']);
    expect((await bench.events())[before]!.data).toMatchObject({ because: 'window-over' });
    expect(bench.world.asked).toContain('releaseSlot');
  });

  it('is not made while contacts are halted', async () => {
    await untilDue();
    const halt = { haltId: 'h', strategyHash: null, tier: null, channel: null, debtorId: null };
    await bench.writer.execute(bench.commands.noteGate(0, { type: 'HaltNoted', data: halt }));
    await slotComes();
    expect(bench.world.asked.some((asked) => asked.startsWith('authorize'))).toBe(false);
  });

  it('ends once, with advice for the next one, which is planned at once', async () => {
    await untilDue();
    await slotComes();
    const before = (await bench.events()).length;
    const spoken = { promptId: 'opening.greet', wordingId: 'opening.greet.1' };
    const end = {
      outcome: outcome({
        answeredAt: bench.clock,
        endedAt: new Date(Date.parse(bench.clock) + 40_000).toISOString(),
        connected: 'yes',
        dialogue: talked(),
        wordingsSpoken: [spoken],
      }),
      settledBy: 'live' as const,
    };
    bench.clock = new Date(Date.parse(bench.clock) + 60_000).toISOString();
    await bench.writer.execute(bench.commands.end(DEBTOR, ATTEMPT, end));
    await bench.writer.execute(bench.commands.end(DEBTOR, ATTEMPT, end));
    expect(await typesSince(before)).toEqual(['CallEnded', 'DialEnded', 'DayPlanned']);
    const [ended] = (await bench.events()).slice(before);
    expect(ended!.data).toMatchObject({
      disposition: 'no-promise',
      connected: 'yes',
      rightParty: true,
      rightPartyBy: 'said',
      conversation: true,
      talkMs: 40_000,
      settledBy: 'live',
      firstAttemptOfEpisode: true,
    });
    expect(await bench.store.timersNamed('settle')).toEqual([]);
  });

  it('ends unknown, and counts as connected in doubt, when the gateway lost it', async () => {
    await untilDue();
    await slotComes();
    bench.world.fate = 'lost';
    await bench.writer.execute(bench.commands.askSettle(DEBTOR, ATTEMPT));
    await bench.activity.quiet();
    const ended = (await bench.events()).find((event) => event.type === 'CallEnded');
    expect(ended?.data).toMatchObject({
      disposition: 'unknown',
      connected: 'doubt',
      settledBy: 'settle',
      outcome: null,
    });
  });

  it('asks again for a line after a restart, and settles what was open', async () => {
    await untilDue();
    await bench.effectsOn().recover();
    expect(bench.world.asked).toEqual(['requestSlot', 'requestSlot']);

    bench = makeBench();
    const before = await untilDue();
    bench.world.verdict = () => new Promise(() => undefined);
    bench.world.slot();
    for (let turns = 0; (await typesSince(before)).length < 2 && turns < 50; turns++)
      await new Promise((resolve) => setImmediate(resolve));
    await bench.effectsOn().recover();
    expect(bench.world.asked).toContain('settle');
    expect(await typesSince(before)).toContain('CallWithdrawn');
  });
});
