import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PublishedPart } from '@mora/strategy';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { tiering } from '../testing/tiering.js';
import { packageHash, strategy } from '../testing/treatments.js';
import { Strategies } from './strategies.js';

let world: ServiceWorld;
beforeEach(async () => {
  world = await serviceWorld(tiering());
});
afterEach(() => world.stop());

describe('publishing a strategy', () => {
  it('puts all its parts into the one-shard source of policies, and tells its hash', async () => {
    expect(await world.get(Strategies).publish(strategy, 'ops')).toBe(packageHash);
    const { parts } = world.thenOf<PublishedPart>('PolicyPublished')[0]!;
    expect(world.published).toMatchObject(
      Array.from({ length: parts }, (_, part) => ({
        source: 'policy',
        shard: 0,
        stream: `policy-${packageHash}`,
        meta: { actor: { kind: 'human', id: 'ops' } },
        data: { kind: 'strategy', hash: packageHash, name: strategy.about.name, part, parts, by: 'ops' },
      })),
    );
  });

  it('happens once, also after a restart', async () => {
    await world.get(Strategies).publish(strategy, 'ops');
    world = await world.restarted();
    expect(await world.get(Strategies).publish(strategy, 'another')).toBe(packageHash);
    expect(world.events).toEqual([]);
  });

  it('activates nothing', async () => {
    await world.get(Strategies).publish(strategy, 'ops');
    expect(new Set(world.thenTypes())).toEqual(new Set(['PolicyPublished']));
  });
});
