import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalForm, type PublishedPart, type Strategy, StrategyUnfit, strategyHash } from '@mora/strategy';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { StrategyRefused } from '../errors.js';
import { tiering } from '../testing/tiering.js';
import { packageHash, strategy } from '../testing/treatments.js';
import { Strategies } from './strategies.js';
import { TieringControl } from './tiering-control.js';

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

  it('is refused where one line threatens, and activating it too', async () => {
    const bad = JSON.parse(canonicalForm(strategy).replaceAll('请问您今天方便还款吗？', '否则我们上门。')) as Strategy;
    await expect(world.get(Strategies).publish(bad, 'ops')).rejects.toThrow(StrategyRefused);
    expect(world.events).toEqual([]);
    const policies = new Map([[strategyHash(bad), canonicalForm(bad)]]);
    const other = await serviceWorld(tiering({ policies }));
    await expect(other.get(TieringControl).activate(strategyHash(bad), 'bad', 'ops')).rejects.toThrow(StrategyUnfit);
    expect(other.events).toEqual([]);
    await other.stop();
  });
});
