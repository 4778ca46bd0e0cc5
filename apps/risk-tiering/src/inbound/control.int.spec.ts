import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { clientFor, controlV1 } from '@mora/grpc';
import { ACTIVITY } from '@mora/service';
import { type ServiceWorld, serviceWorld, Wire } from '@mora/test-kit';
import { TieringControl } from '../effects/tiering-control.js';
import { SHARDS, tiering } from '../testing/tiering.js';
import { ControlController } from './control.grpc.js';

let world: ServiceWorld;
let wire: Wire;
let client: ReturnType<typeof connect>;
const connect = () => clientFor(controlV1.ControlService, wire.address);

beforeEach(async () => {
  world = await serviceWorld(tiering());
  wire = await Wire.up({
    controllers: [ControlController],
    providers: [
      { provide: TieringControl, useValue: world.get(TieringControl) },
      { provide: ACTIVITY, useValue: world.activity },
    ],
    services: [controlV1.ControlService],
  });
  client = connect();
});
afterEach(async () => {
  client.close();
  await wire.stop();
  await world.stop();
});

const HALT = { haltId: 'h1', scope: { tier: 'H', channel: 'call' }, reason: 'complaints', by: 'ops' };
const inEveryShard = <T>(of: T): readonly T[] => Array<T>(SHARDS).fill(of);

describe('an operator at the door of tiering', () => {
  it('halts a scope in every shard under his name, once however often he says it', async () => {
    for (const _ of [1, 2]) await client.halt(HALT);
    const scope = { strategyHash: null, tier: 'H', channel: 'call', debtorId: null };
    expect(world.thenOf('ContactsHalted')).toEqual(inEveryShard({ ...HALT, scope }));
  });

  it('resumes, and is told whether the halt was in force', async () => {
    await client.halt({ ...HALT, scope: {} });
    const order = { haltId: 'h1', reason: 'over', by: 'li' };
    expect(await client.resume(order)).toMatchObject({ wasHalted: true });
    expect(await client.resume(order)).toMatchObject({ wasHalted: false });
    expect(world.thenOf('ContactsResumed')).toEqual(inEveryShard(order));
  });

  test.each([
    ['without a scope', { scope: undefined }, /scope is missing/],
    ['for a tier that is none', { scope: { tier: 'X' } }, /HaltScope: tier/],
    ['for a channel that is none', { scope: { channel: 'pigeon' } }, /HaltScope: channel/],
    ['for nobody', { scope: { debtorId: '' } }, /covers nobody/],
    ['without a name for it', { haltId: '' }, /haltId is missing/],
    ['without a reason', { reason: ' ' }, /reason is missing/],
    ['by nobody', { by: '' }, /by is missing/],
  ])('is refused a halt %s, and nothing is halted', async (_, change, message) => {
    await expect(client.halt({ ...HALT, ...change })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringMatching(message),
    });
    expect(world.events).toEqual([]);
  });
});
