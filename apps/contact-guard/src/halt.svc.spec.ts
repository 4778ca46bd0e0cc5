import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AuthorizeRequest, type GuardApi, shardOf, type TieringEvent } from '@mora/contracts';
import { type CommitResult, MemoryStore } from '@mora/eventing';
import { GUARD_API } from '@mora/grpc';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { ANN, BOB, halted, legEnded, resumed, sh } from './testing/facts.js';
import { deniedBy, everyShard, guardAtTen, intakeSaid, request } from './testing/guard.js';

let world: ServiceWorld;
const ask = (contactId: string, over: Partial<AuthorizeRequest> = {}) =>
  world.get<GuardApi>(GUARD_API).authorize(request(contactId, over));

class FailingStore extends MemoryStore {
  fails = false;
  override commit(...args: Parameters<MemoryStore['commit']>): Promise<CommitResult> {
    return this.fails ? Promise.reject(new Error('no answer')) : super.commit(...args);
  }
  override locked(...args: Parameters<MemoryStore['locked']>): Promise<CommitResult> {
    return this.fails ? Promise.reject(new Error('no answer')) : super.locked(...args);
  }
}

beforeEach(async () => {
  world = await serviceWorld(guardAtTen);
  for (const [subject, fact] of intakeSaid) await world.given('intake', subject, fact);
});
afterEach(() => world.stop());

describe('a halt', () => {
  const inEveryShard = async (fact: TieringEvent) => {
    for (const control of everyShard('control')) await world.given('tiering', control, fact);
  };

  test('takes every open permit of the shard back, denies, survives a restart and ends', async () => {
    await ask('c-1');
    await ask('b-1', { debtorId: BOB, phoneRef: 'bob-phone-7' });
    await inEveryShard(halted());
    const revoked = world.thenOf<{ readonly contactId: string }>('PermitRevoked');
    expect(revoked.map(({ contactId }) => contactId).sort()).toEqual(['b-1', 'c-1']);
    world = await world.restarted();
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-HALT']);
    await inEveryShard(resumed);
    expect((await ask('c-3')).result).toBe('allowed');
  });

  test('finds open permits again after a restart', async () => {
    await ask('c-1');
    world = await world.restarted();
    await inEveryShard(halted());
    expect(world.thenOf('PermitRevoked')).toMatchObject([{ contactId: 'c-1', why: 'halted' }]);
  });

  test('finds a permit whose contact has lasted for long', async () => {
    await ask('c-1');
    await world.moveTo(sh('2026-11-04T10:25:00.000'));
    world = await world.restarted();
    await inEveryShard(halted());
    expect(world.thenOf('PermitRevoked')).toMatchObject([{ contactId: 'c-1', why: 'halted' }]);
  });

  test('looks after no permit whose contact has ended, or never told its end in a day', async () => {
    await ask('c-1');
    await world.given('telephony', ANN, legEnded('c-1'));
    expect(await world.core.store.timersNamed('permits')).toEqual([]);
    await ask('c-2');
    await world.moveTo(sh('2026-11-05T10:20:00.000'));
    expect(await world.core.store.timersNamed('permits')).toEqual([]);
  });

  test('takes permits back as soon as the store answers again', async () => {
    await world.stop();
    const store = new FailingStore('guard', guardAtTen.shards, () => Date.parse(world.now));
    world = await serviceWorld({ ...guardAtTen, stores: new Map([['guard', store]]) });
    for (const [subject, fact] of intakeSaid) await world.given('intake', subject, fact);
    await ask('c-1');
    world.core.writer.onCommitted((events) => {
      if (events.some(({ type }) => type === 'HaltNoted')) store.fails = true;
    });
    await world.given('tiering', `control-shard-${shardOf(ANN, guardAtTen.shards)}`, halted());
    expect(world.thenOf('PermitRevoked')).toEqual([]);
    store.fails = false;
    await world.moveTo(sh('2026-11-04T10:00:30.000'));
    expect(world.thenOf('PermitRevoked')).toMatchObject([{ contactId: 'c-1', why: 'halted' }]);
  });

  test('of one tier leaves the others', async () => {
    await inEveryShard(halted({ tier: 'H' }));
    expect((await ask('c-1')).result).toBe('allowed');
  });
});
