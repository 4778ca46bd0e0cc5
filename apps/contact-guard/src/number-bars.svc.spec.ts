import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { GuardApi } from '@mora/contracts';
import { GUARD_API } from '@mora/grpc';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { ANN, BOB, callEnded, sh } from './testing/facts.js';
import { deniedBy, guardAtTen, intakeSaid, numberKey, request } from './testing/guard.js';

let world: ServiceWorld;
const intake = {
  reachable: true,
  numberKey(debtorId: string, phoneRef: string) {
    return this.reachable ? numberKey(debtorId, phoneRef) : Promise.reject(new Error('intake does not answer'));
  },
};
const callsToBob = async (contactId: string) =>
  deniedBy(
    await world.get<GuardApi>(GUARD_API).authorize(request(contactId, { debtorId: BOB, phoneRef: 'bob-phone-1' })),
  );

beforeEach(async () => {
  world = await serviceWorld({ ...guardAtTen, ports: { intake } });
  for (const [subject, fact] of intakeSaid) await world.given('intake', subject, fact);
});
afterEach(() => world.stop());

describe('a number barred for everybody while intake does not answer', () => {
  beforeEach(async () => {
    intake.reachable = false;
    const stops = [{ kind: 'third-party-stop', scope: 'number-everywhere', turn: 1 } as const];
    await world.given('dialer', ANN, callEnded('c-0', { stops }));
    intake.reachable = true;
    expect(world.warnings).toEqual(['effect failed']);
    expect(await callsToBob('b-1')).toEqual([]);
  });

  test('is written ten minutes later', async () => {
    await world.moveTo(sh('2026-11-04T10:09:59.999'));
    expect(world.thenOf('NumberBarKept')).toEqual([]);
    await world.moveTo(sh('2026-11-04T10:10:00.000'));
    expect(world.thenOf('NumberBarKept')).toHaveLength(1);
    expect(await callsToBob('b-2')).toEqual(['SMALL-BARRED']);
  });

  test('is written after a restart', async () => {
    world = await world.restarted();
    expect(world.thenOf('NumberBarKept')).toHaveLength(1);
    expect(await callsToBob('b-2')).toEqual(['SMALL-BARRED']);
  });
});
