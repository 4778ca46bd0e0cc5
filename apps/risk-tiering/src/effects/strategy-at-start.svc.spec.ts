import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PolicyTexts, type PublishedPart, strategyHash, strategyProvider } from '@mora/strategy';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { StrategyRefused } from '../errors.js';
import { opened, SHARDS, tiering } from '../testing/tiering.js';
import { DEBTOR, packageFolder, packageHash } from '../testing/treatments.js';
import { TieringControl } from './tiering-control.js';

const worlds: ServiceWorld[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const started = async (folder: string | null): Promise<ServiceWorld> => {
  const world = await serviceWorld(tiering({ folder }));
  worlds.push(world);
  return world;
};
const copied = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'mora-strategy-'));
  folders.push(folder);
  await cp(packageFolder, folder, { recursive: true });
  return folder;
};
const publishedTypes = (world: ServiceWorld) => [...new Set(world.published.map(({ type }) => type))];

describe('the strategy of an installation', () => {
  it('is published as it is in its folder, and then activated in every shard', async () => {
    const world = await started(packageFolder);
    await world.life.whenActive();
    expect(publishedTypes(world)).toEqual(['PolicyPublished', 'StrategyActivated']);
    const texts = new PolicyTexts();
    for (const part of world.thenOf<PublishedPart>('PolicyPublished')) texts.note(part);
    const arrived = strategyProvider((hash) => texts.get(hash))(packageHash)!;
    expect(strategyHash(arrived)).toBe(packageHash);
    const activated = { hash: packageHash, name: arrived.about.name, at: world.now, by: 'installation' };
    expect(world.thenOf('StrategyActivated')).toEqual(Array(SHARDS).fill(activated));
  });

  it('is what a case is treated under from then on', async () => {
    const world = await started(packageFolder);
    await world.life.whenActive();
    await world.given('intake', DEBTOR, opened());
    expect(world.thenOf('TreatmentStarted')).toMatchObject([{ strategyHash: packageHash }]);
  });

  it('is published and activated once, however often the service starts', async () => {
    const world = await started(packageFolder);
    await world.life.whenActive();
    const again = await world.restarted();
    worlds.push(again);
    await again.life.whenActive();
    expect(again.events).toEqual([]);
  });

  it('is published but not activated where another one is in force', async () => {
    const world = await started(packageFolder);
    await world.get(TieringControl).activate('another', 'another', 'ops');
    await world.life.whenActive();
    expect(world.thenOf('StrategyActivated')).toMatchObject(Array(SHARDS).fill({ hash: 'another' }));
    expect(world.thenOf<PublishedPart>('PolicyPublished')[0]).toMatchObject({ hash: packageHash });
  });

  it('waits until the service works', async () => {
    const world = await started(packageFolder);
    expect(world.events).toEqual([]);
  });

  it('is nothing where no folder is named', async () => {
    const world = await started(null);
    await world.life.whenActive();
    expect(world.events).toEqual([]);
  });

  it('is refused with its problems when its folder is broken, and nothing is published', async () => {
    const folder = await copied();
    await writeFile(join(folder, 'tiers.yaml'), 'tiers: none\n');
    const world = await started(folder);
    const refused = await world.life.whenActive().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StrategyRefused);
    expect(refused).toMatchObject({ code: 'STRATEGY_REFUSED', folder });
    expect(String(refused)).toContain('tiers.yaml');
    expect(world.events).toEqual([]);
  });

  it('is refused when its folder is not there, and nothing is published', async () => {
    const world = await started(join(await copied(), 'nowhere'));
    await expect(world.life.whenActive()).rejects.toThrow(StrategyRefused);
    expect(world.events).toEqual([]);
  });
});
