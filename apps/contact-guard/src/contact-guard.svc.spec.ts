import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthorizeRequest, GuardApi, Verdict } from '@mora/contracts';
import { MemoryStore } from '@mora/eventing';
import { GUARD_API } from '@mora/grpc';
import { verifyPermit } from '@mora/keys';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { CLOCK_AHEAD, PERMIT_EXPIRED, PERMIT_REVOKED, PERMIT_USED } from './inbound/authorities.js';
import { ANN, answered, callEnded, cured, debtorRecorded, legEnded, paymentClaimUnmet, sh } from './testing/facts.js';
import { deniedBy, guardAtTen, intakeSaid, request, signer } from './testing/guard.js';
import { smallProfile } from './testing/small-profile.js';

let world: ServiceWorld;
const guard = () => world.get<GuardApi>(GUARD_API);
const ask = (contactId: string, over: Partial<AuthorizeRequest> = {}) => guard().authorize(request(contactId, over));

beforeEach(async () => {
  world = await serviceWorld(guardAtTen);
  for (const [subject, fact] of intakeSaid) await world.given('intake', subject, fact);
});
afterEach(() => world.stop());

describe('by a clock that is off', () => {
  const TOMORROW = sh('2026-11-05T10:00:30.000');
  const TONIGHT = sh('2026-11-04T22:00:30.000');
  /** What the database's clock shows. */
  let database = TOMORROW;
  /** The guard on a real clock; what was stored stays when the stores are given. */
  const guardOn = async (clock: string, stores?: ServiceWorld['stores']) => {
    const own = stores?.get('guard') ?? new MemoryStore('guard', guardAtTen.shards, () => Date.parse(database));
    const all = new Map([...(stores ?? []), ['guard', own]]);
    const real = await serviceWorld({ ...guardAtTen, clock: 'real', at: clock, stores: all });
    return { real, ask: () => real.get<GuardApi>(GUARD_API).authorize(request('c-1')) };
  };
  const hears = async (real: ServiceWorld) => {
    for (const [subject, fact] of intakeSaid) await real.given('intake', subject, fact);
  };
  const verdictIn = (real: ServiceWorld) => real.thenOf<{ verdict: Verdict }>('ContactDenied')[0]?.verdict;

  test('denies by night although an event of the shard was stored by a clock twelve hours ahead', async () => {
    database = TOMORROW;
    const ahead = await guardOn(TOMORROW);
    await hears(ahead.real);
    await ahead.real.stop();
    database = TONIGHT;
    const { real, ask } = await guardOn(TONIGHT, ahead.real.stores);
    expect(deniedBy(await ask())).toContain('SMALL-CLOCK');
    expect(verdictIn(real)?.guardClock.skewMs).toBe(12 * 3_600_000);
    await real.stop();
  });

  test('denies, and stores nothing, by a clock that is ahead of the database’s', async () => {
    database = sh('2026-11-04T09:59:57.000');
    const { real, ask } = await guardOn(sh('2026-11-04T10:00:00.000'));
    expect(await ask()).toEqual({ result: 'denied', deniedBy: [CLOCK_AHEAD], retryNotBefore: null });
    expect(real.events).toEqual([]);
    await real.stop();
  });

  test('denies by a clock that is behind the database’s', async () => {
    database = sh('2026-11-04T10:00:03.000');
    const { real, ask } = await guardOn(sh('2026-11-04T10:00:00.000'));
    await hears(real);
    expect(deniedBy(await ask())).toContain('SMALL-CLOCK');
    expect(verdictIn(real)?.guardClock.skewMs).toBe(-3_000);
    await real.stop();
  });
});

describe('authorize', () => {
  test('answers with a permit that verifies and a stored verdict that names every rule', async () => {
    const reply = await ask('c-1');
    if (reply.result !== 'allowed') throw new Error(String(reply.deniedBy));
    expect(verifyPermit(reply.permit, signer.publicKey, world.wall, { contactId: 'c-1', debtorId: ANN })).toEqual({
      ok: true,
    });
    const stored = world.events.find((e) => e.type === 'ContactPermitted')!;
    expect(stored.meta.policies.map((p) => p.kind)).toEqual(['rules', 'calendar', 'strategy']);
    expect(stored.meta).toMatchObject({ correlationId: 'case-1', cause: 'cmd:c-1' });
    const { verdict } = stored.data as { verdict: Verdict };
    expect(verdict.rules.map((r) => r.ruleId)).toEqual(smallProfile.content.rules.map((r) => r.id));
  });

  test('asked again gives the same answer and stores nothing', async () => {
    const first = await ask('c-1');
    expect(await ask('c-1')).toEqual(first);
    expect(world.thenOf('ContactPermitted')).toHaveLength(1);
    await world.moveTo(sh('2026-11-04T23:00:00.000'));
    const denied = await ask('c-2');
    await world.moveTo(sh('2026-11-05T09:00:00.000'));
    expect(await ask('c-2')).toEqual(denied);
    expect(world.thenOf('ContactDenied')).toHaveLength(1);
  });

  test('asked again after the permit has expired, was revoked or was used says so', async () => {
    await ask('c-1');
    world.passWall(15_000);
    expect((await ask('c-1')).result).toBe('allowed');
    world.passWall(1);
    expect(await ask('c-1')).toEqual({ result: 'denied', deniedBy: [PERMIT_EXPIRED], retryNotBefore: null });
    await world.given('telephony', ANN, legEnded('c-1'));
    expect(deniedBy(await ask('c-1'))).toEqual([PERMIT_USED]);
    await ask('c-2');
    await world.given('intake', ANN, cured);
    expect(deniedBy(await ask('c-2'))).toEqual([PERMIT_REVOKED]);
  });

  test('judges the hours where the bank says that the debtor lives, and lets in at a time agreed with him', async () => {
    await world.moveTo(sh('2026-11-04T22:30:00.000'));
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-HOURS']);
    await world.given('intake', ANN, debtorRecorded({ timeZone: 'Asia/Bangkok' }));
    expect((await ask('c-2')).result).toBe('allowed');
    const agreedWindows = [{ from: '22:00', to: '23:00', channel: 'call', expiresOn: null } as const];
    await world.given('intake', ANN, debtorRecorded({ agreedWindows }));
    expect((await ask('c-3')).result).toBe('allowed');
    expect(deniedBy(await ask('s-1', { channel: 'sms' }))).toEqual(['SMALL-HOURS']);
  });

  test('throws when the contact was judged for another number', async () => {
    await ask('c-1');
    await expect(ask('c-1', { phoneRef: 'ann-phone-9' })).rejects.toMatchObject({ code: 'PERMIT_FOR_OTHER' });
  });

  test('denies as stale while a required source is ahead of what the guard took in, and a parked debtor', async () => {
    await world.knows('dialer', 'tiering', ANN, 1);
    await world.given('dialer', ANN, callEnded('c-0'));
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-STALE']);
    await world.given('tiering', ANN, paymentClaimUnmet);
    expect((await ask('c-2')).result).toBe('allowed');
    await world.givenBroken('intake', ANN, { type: 'CaseOpened', data: { debtorId: ANN } });
    expect(deniedBy(await ask('c-3'))).toEqual(['SMALL-PARKED']);
  });

  test('permits again after the failover of a source that says nothing while nobody is permitted', async () => {
    await world.given('telephony', ANN, legEnded('c-0', answered));
    await world.stores.get('telephony')!.beginEpoch('failover');
    world.passWall(2_000);
    await ask('c-1');
    await world.settled();
    expect((await ask('c-2')).result).toBe('allowed');
  });

  test('permits nothing for a debtor who is parked while the question waits for its turn', async () => {
    const { core } = world;
    const execute = core.execute.bind(core);
    let told = Promise.resolve();
    core.execute = async (command) => {
      core.execute = execute;
      told = world.givenBroken('intake', ANN, { type: 'CaseOpened', data: { debtorId: ANN } });
      while (!core.isParked(ANN)) await new Promise((resolve) => setImmediate(resolve));
      return execute(command);
    };
    await expect(ask('c-1')).rejects.toMatchObject({ code: 'DEBTOR_PARKED' });
    await told;
  });

  test('throws and permits nothing when the request is no request', async () => {
    const { debtorId: _, ...noDebtor } = request('c-1');
    await expect(guard().authorize(noDebtor as AuthorizeRequest)).rejects.toThrow();
    expect(world.thenTypes().filter((type) => type.startsWith('Contact'))).toEqual([]);
  });

  test('two at once cannot share the last place', async () => {
    for (const id of ['c-1', 'c-2']) {
      await ask(id);
      await world.given('telephony', ANN, legEnded(id, answered));
    }
    const replies = await Promise.all([ask('c-3'), ask('c-4')]);
    expect(replies.map((r) => r.result).sort()).toEqual(['allowed', 'denied']);
    expect(replies.flatMap(deniedBy)).toEqual(['SMALL-CONNECTED']);
  });

  test('forgets nothing by a restart', async () => {
    const first = await ask('c-1');
    world = await world.restarted();
    expect(await ask('c-1')).toEqual(first);
  });
});
