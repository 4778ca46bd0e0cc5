import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthorizeRequest, GuardApi, TieringEvent } from '@mora/contracts';
import { GUARD_API } from '@mora/grpc';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { BOB, halted, resumed } from './testing/facts.js';
import { deniedBy, everyShard, guardAtTen, intakeSaid, request } from './testing/guard.js';

let world: ServiceWorld;
const ask = (contactId: string, over: Partial<AuthorizeRequest> = {}) =>
  world.get<GuardApi>(GUARD_API).authorize(request(contactId, over));

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

  test('of one tier leaves the others', async () => {
    await inEveryShard(halted({ tier: 'H' }));
    expect((await ask('c-1')).result).toBe('allowed');
  });
});
