import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  AuthorizeReply,
  AuthorizeRequest,
  LegFate,
  OriginateReply,
  OriginateRequest,
  Permit,
  SlotGrant,
  SlotRequest,
} from '@mora/contracts';
import type { EventCore } from '@mora/service';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { DIALER_COMMANDS, type DialerCommands } from '../commands.js';
import { DialerModule } from '../dialer.module.js';
import {
  ATTEMPT,
  accountTiered,
  caseOpened,
  contactsHalted,
  debtorKey,
  debtorRecorded,
  legAccepted,
  legEnded,
  legRefused,
  paymentClaimed,
  permitRevoked,
  stopPlaced,
  strategyActivated,
  treatmentStarted,
} from '../testing/foreign-facts.js';
import { CASE, config, DEBTOR, local, policyText, strategyHash, talked } from '../testing/samples.js';

const DAY = '2026-11-03';
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
const allowed: AuthorizeReply = { result: 'allowed', permit };

/** The other services, as a list of what was asked of them. */
class Others {
  readonly asked: string[] = [];
  fate: LegFate = 'never-left';
  private grant: ((slotAt: string) => void) | null = null;

  verdict = async (): Promise<AuthorizeReply> => allowed;
  reveal = async (): Promise<string> => '+8613800000001';
  hangup = async (): Promise<void> => undefined;
  originate = async (): Promise<OriginateReply> => ({
    result: 'accepted',
    legId: 'leg',
    trunk: 'trunk-1',
    acceptedAt: world.now,
  });

  readonly ports = {
    gateway: {
      requestSlot: ({ attemptId }: SlotRequest) => {
        this.asked.push('requestSlot');
        const { promise, resolve } = Promise.withResolvers<SlotGrant>();
        const line = { limiter: 'none', limit: 65, inUse: 1, gatewayId: 'gw', trunk: 'trunk-1' } as const;
        this.grant = (slotAt) => resolve({ attemptId, slotAt, ...line });
        return promise;
      },
      releaseSlot: async () => void this.asked.push('releaseSlot'),
      originate: ({ number, name }: OriginateRequest) => {
        this.asked.push(`originate ${number} ${name}`);
        return this.originate();
      },
      hangup: (_attemptId: string, why: string) => {
        this.asked.push(`hangup ${why}`);
        return this.hangup();
      },
      settle: async () => {
        this.asked.push('settle');
        return this.fate;
      },
    },
    guard: {
      authorize: ({ accountIds }: AuthorizeRequest) => {
        this.asked.push(`authorize ${accountIds.join()}`);
        return this.verdict();
      },
    },
    intake: {
      reveal: () => {
        this.asked.push('reveal');
        return this.reveal();
      },
      unwrap: async () => debtorKey,
    },
  };

  slot(): void {
    this.grant?.(world.now);
  }
}

let others: Others;
let world: ServiceWorld;

const begin = async (): Promise<void> => {
  others = new Others();
  world = await serviceWorld({
    module: (platform) => DialerModule.for(platform, config),
    at: local(DAY, '05:00'),
    shards: 1,
    ports: others.ports,
    policyText,
  });
};

const commands = (): DialerCommands => world.get(DIALER_COMMANDS);

/** The debtor is known, his day planned, and his first dial due. @returns how many events were written so far. */
const untilDue = async (): Promise<number> => {
  await world.given('tiering', 'control-shard-0', strategyActivated);
  await world.given('intake', DEBTOR, debtorRecorded, caseOpened);
  await world.given('tiering', DEBTOR, treatmentStarted, accountTiered);
  await world.moveTo(local(DAY, '06:01'));
  const [timer] = await world.core.store.timersNamed('dial');
  await world.moveTo(timer!.dueAt);
  return world.events.length;
};

/** The instant is over: what its facts lead to is planned. */
const instantEnds = (): Promise<void> => world.moveTo(world.now);

const slotComes = async (): Promise<void> => {
  others.slot();
  await world.settled();
};

/** Takes the permit back while the service is at work, so that quiet cannot be waited for. */
const revokeAtOnce = (): ReturnType<EventCore['execute']> =>
  world.core.execute(commands().revoke(DEBTOR, ATTEMPT, 'cured'));

describe('a dial', () => {
  beforeEach(begin);
  afterEach(() => world.stop());

  it('waits for a line without holding the clock', async () => {
    await untilDue();
    expect(others.asked).toEqual(['requestSlot']);
    expect(world.activity.busy).toBe(0);
  });

  it('goes slot, intent, permit, number, originate, in this order', async () => {
    const before = await untilDue();
    let storedAtAuthorize: readonly string[] = [];
    others.verdict = async () => {
      storedAtAuthorize = world.thenTypes(before);
      return allowed;
    };
    await slotComes();
    expect(storedAtAuthorize).toEqual(['CallIntended', 'DialIntended']);
    expect(others.asked).toEqual(['requestSlot', 'authorize acc-1', 'reveal', 'originate +8613800000001 王']);
    expect(world.thenTypes(before)).toEqual(['CallIntended', 'DialIntended', 'CallOriginated']);
    const intended = world.events[before]!;
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
    others.verdict = async () => ({ result: 'denied', deniedBy: ['CN-HOURS'], retryNotBefore });
    await slotComes();
    expect(others.asked).toEqual(['requestSlot', 'authorize acc-1', 'releaseSlot']);
    await instantEnds();
    expect(world.thenTypes(before).slice(2)).toEqual(['CallDeniedByGuard', 'DialClosed', 'PlanWanted', 'DayPlanned']);
    expect(world.events.at(-1)!.data).toMatchObject({ nextDialAt: null, why: 'held-until-tomorrow' });
  });

  it.each<[string, Partial<Pick<Others, 'verdict' | 'reveal' | 'originate'>>]>([
    ['the guard does not answer', { verdict: () => Promise.reject(new Error('down')) }],
    ['the number is not revealed', { reveal: () => Promise.reject(new Error('no permit')) }],
    ['the gateway refuses', { originate: async () => ({ result: 'refused', because: 'permit expired' }) }],
  ])('is withdrawn, after the gateway swears that it never left, when %s', async (_title, fail) => {
    const before = await untilDue();
    Object.assign(others, fail);
    await slotComes();
    expect(others.asked).toContain('settle');
    expect(others.asked.at(-1)).toBe('releaseSlot');
    expect(world.thenTypes(before).slice(2, 5)).toEqual(['GiveUpNoted', 'CallWithdrawn', 'DialClosed']);
    await world.given('telephony', DEBTOR, legRefused);
    expect(world.thenOf('CallWithdrawn')).toHaveLength(1);
  });

  it('stays open when the gateway cannot swear that it never left', async () => {
    const before = await untilDue();
    others.originate = () => Promise.reject(new Error('connection lost'));
    others.fate = 'open';
    await slotComes();
    expect(world.thenTypes(before)).toEqual(['CallIntended', 'DialIntended', 'GiveUpNoted']);
    await world.given('telephony', DEBTOR, legAccepted(world.now));
    await world.given('telephony', DEBTOR, legAccepted(world.now));
    expect(world.thenTypes(before).slice(3)).toEqual(['CallOriginated']);
  });

  it('is given up when the permit is taken back before the originate, and hung up after it', async () => {
    await untilDue();
    others.verdict = async () => {
      await revokeAtOnce();
      return allowed;
    };
    await slotComes();
    expect(others.asked.some((asked) => asked.startsWith('originate'))).toBe(false);
    expect(world.thenTypes()).toContain('CallWithdrawn');

    await begin();
    await untilDue();
    await slotComes();
    await world.given('guard', DEBTOR, permitRevoked);
    await world.given('guard', DEBTOR, permitRevoked);
    expect(others.asked.filter((asked) => asked.startsWith('hangup'))).toEqual(['hangup cured']);
  });

  describe('whose permit is taken back while the gateway does not answer', () => {
    const hangups = () => others.asked.filter((asked) => asked.startsWith('hangup'));
    const soon = (seconds: number) => new Date(Date.parse(world.now) + seconds * 1000).toISOString();

    beforeEach(async () => {
      await untilDue();
      await slotComes();
      others.hangup = () => Promise.reject(new Error('connection lost'));
      await world.given('guard', DEBTOR, permitRevoked);
      expect(hangups().length).toBeGreaterThan(1);
      others.hangup = async () => undefined;
      others.asked.length = 0;
    });

    it('is hung up half a minute later, and again until its leg has ended', async () => {
      await world.moveTo(soon(30));
      expect(hangups()).toEqual(['hangup cured']);
      await world.moveTo(soon(30));
      expect(hangups()).toHaveLength(2);
      await world.given('telephony', DEBTOR, legEnded({ hungUpBy: 'revoked', sipCode: 487 }));
      await world.moveTo(soon(120));
      expect(hangups()).toHaveLength(2);
      expect(await world.core.store.timersNamed('revoke')).toEqual([]);
    });

    it('is hung up when the dialer is up again', async () => {
      world = await world.restarted();
      expect(hangups()).toEqual(['hangup cured']);
    });
  });

  it('gives its place in the queue back when a fact forbids the call', async () => {
    const before = await untilDue();
    await world.given('tiering', DEBTOR, paymentClaimed);
    expect(others.asked).toEqual(['requestSlot', 'releaseSlot']);
    await slotComes();
    await instantEnds();
    expect(world.thenTypes(before)).toEqual(['ClaimNoted', 'DialClosed', 'PlanWanted', 'DayPlanned']);
  });

  it('is dropped when the window ended while it waited for a line', async () => {
    await untilDue();
    await world.moveTo(local(DAY, '20:30'));
    const before = world.events.length;
    await slotComes();
    await instantEnds();
    expect(world.thenTypes(before)).toEqual(['DialClosed', 'PlanWanted', 'DayPlanned']);
    expect(world.events[before]!.data).toMatchObject({ because: 'window-over' });
    expect(others.asked).toContain('releaseSlot');
  });

  it('is not made while contacts are halted', async () => {
    await untilDue();
    await world.given('tiering', 'control-shard-0', contactsHalted);
    await slotComes();
    expect(others.asked.some((asked) => asked.startsWith('authorize'))).toBe(false);
  });

  it('ends once, with advice for the next one, which is planned at once', async () => {
    await untilDue();
    await slotComes();
    const before = world.events.length;
    const answeredAt = world.now;
    const ended = legEnded({
      answeredAt,
      endedAt: new Date(Date.parse(answeredAt) + 40_000).toISOString(),
      connected: 'yes',
      dialogue: talked(),
      wordingsSpoken: [{ promptId: 'opening.greet', wordingId: 'opening.greet.1' }],
    });
    await world.moveTo(new Date(Date.parse(answeredAt) + 60_000).toISOString());
    await world.given('telephony', DEBTOR, ended);
    await world.given('telephony', DEBTOR, ended);
    await instantEnds();
    expect(world.thenTypes(before)).toEqual(['CallEnded', 'DialEnded', 'PlanWanted', 'DayPlanned']);
    expect(world.events[before]!.data).toMatchObject({
      disposition: 'no-promise',
      connected: 'yes',
      rightParty: true,
      rightPartyBy: 'said',
      conversation: true,
      talkMs: 40_000,
      settledBy: 'live',
      firstAttemptOfEpisode: true,
    });
    expect(await world.core.store.timersNamed('settle')).toEqual([]);
  });

  it('leads with all facts of its instant to one plan, in whatever order they arrive', async () => {
    const told = {
      end: () =>
        world.given('telephony', DEBTOR, legEnded({ answeredAt: world.now, connected: 'yes', dialogue: talked() })),
      claim: () => world.given('tiering', DEBTOR, paymentClaimed),
      stop: () => world.given('guard', DEBTOR, stopPlaced),
    };
    const plans: unknown[] = [];
    for (const order of [
      ['end', 'claim', 'stop'],
      ['end', 'stop', 'claim'],
      ['stop', 'end', 'claim'],
      ['claim', 'stop', 'end'],
    ] as const) {
      await begin();
      await untilDue();
      await slotComes();
      const before = world.events.length;
      for (const fact of order) await told[fact]();
      expect(world.thenTypes(before)).not.toContain('DayPlanned');
      await instantEnds();
      const planned = world.events.slice(before).filter(({ type }) => type === 'DayPlanned');
      plans.push(planned.map(({ data }) => ({ ...(data as { decision: object }), decision: null })));
      await world.stop();
    }
    expect(plans[0]).toHaveLength(1);
    for (const plan of plans) expect(plan).toEqual(plans[0]);
    await begin();
  });

  it('ends unknown, and counts as connected in doubt, when the gateway lost it', async () => {
    await untilDue();
    await slotComes();
    others.fate = 'lost';
    const [timer] = await world.core.store.timersNamed('settle');
    await world.moveTo(timer!.dueAt);
    expect(world.thenTypes()).toContain('SettleAsked');
    expect(world.thenOf('CallEnded')).toEqual([
      expect.objectContaining({ disposition: 'unknown', connected: 'doubt', settledBy: 'settle', outcome: null }),
    ]);
  });

  it('asks again for a line after a restart, and settles what was open', async () => {
    await untilDue();
    world = await world.restarted();
    expect(others.asked).toEqual(['requestSlot', 'requestSlot']);

    await begin();
    const before = await untilDue();
    others.verdict = () => new Promise(() => undefined);
    others.slot();
    await turnsUntil(() => world.thenTypes(before).length === 2);
    world = await world.restarted();
    expect(others.asked).toContain('settle');
    expect(world.thenTypes()).toContain('CallWithdrawn');
  });
});

/** For what never comes to rest. */
const turnsUntil = async (happened: () => boolean): Promise<void> => {
  for (let turns = 0; !happened() && turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
};
