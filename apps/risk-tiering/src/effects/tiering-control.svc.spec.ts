import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { shardOf } from '@mora/contracts';
import { StrategyMissing } from '@mora/strategy';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { TIERING_GROUND, type TieringGround, treatmentCommand } from '../reactions/commands.js';
import { opened, SHARDS, shard, tiering } from '../testing/tiering.js';
import { CASE, DEBTOR, on, packageHash } from '../testing/treatments.js';
import { TieringControl } from './tiering-control.js';

let world: ServiceWorld;
let control: TieringControl;
beforeEach(async () => {
  world = await serviceWorld(tiering());
  control = world.get(TieringControl);
});
afterEach(() => world.stop());

const NAME = 'cn-early-delinquency';
const HALT = {
  haltId: 'h1',
  scope: { strategyHash: null, tier: 'H', channel: 'call', debtorId: null },
  reason: 'complaints',
  by: 'ops',
} as const;
const everyShard = <T>(of: T): readonly T[] => Array<T>(SHARDS).fill(of);
/** What was published of a type, by shard. */
const shardsOf = (type: string) => world.published.filter((event) => event.type === type).map((event) => event.shard);

describe('control of tiering', () => {
  it('activates, halts and resumes in every shard, and does the same once', async () => {
    for (const _ of [1, 2]) await control.activate(packageHash, NAME, 'ops');
    for (const _ of [1, 2]) await control.halt(HALT);
    for (const _ of [1, 2]) await control.resume({ haltId: 'h1', reason: 'over', by: 'ops' });
    const heads = await world.core.store.heads();
    expect(heads.map(({ position }) => position)).toEqual(everyShard(3));
    for (const type of ['StrategyActivated', 'ContactsHalted', 'ContactsResumed'])
      expect(shardsOf(type)).toEqual([0, 1, 2, 3]);
  });

  it('says which strategy is in force from which business instant, and who wanted it', async () => {
    await world.moveTo(on(1, '05:45'));
    await control.activate(packageHash, NAME, 'ops');
    const data = { hash: packageHash, name: NAME, at: on(1, '05:45'), by: 'ops' };
    expect(world.thenOf('StrategyActivated')).toEqual(everyShard(data));
  });

  it('replaces the strategy in force by another one', async () => {
    await control.activate('first', NAME, 'ops');
    await control.activate(packageHash, NAME, 'ops');
    await world.given('intake', DEBTOR, opened());
    expect(world.thenOf('TreatmentStarted')).toMatchObject([{ strategyHash: packageHash }]);
  });

  it('activates a first strategy where there is none, and says whether there was none', async () => {
    expect(await control.activateFirst(packageHash, NAME, 'installation')).toBe(true);
    expect(await control.activateFirst('another', NAME, 'installation')).toBe(false);
    expect(world.thenOf('StrategyActivated')).toMatchObject(everyShard({ hash: packageHash, by: 'installation' }));
  });

  it('halts contacts in the scope it was given', async () => {
    await control.halt(HALT);
    expect(world.thenOf('ContactsHalted')).toEqual(everyShard(HALT));
  });

  it('resumes after the named halt only, and says whether it was in force', async () => {
    await control.halt(HALT);
    expect(await control.resume({ haltId: 'h2', reason: 'over', by: 'ops' })).toBe(false);
    expect(world.thenOf('ContactsResumed')).toEqual([]);
    expect(await control.resume({ haltId: 'h1', reason: 'over', by: 'ops' })).toBe(true);
    expect(world.thenOf('ContactsResumed')).toEqual(everyShard({ haltId: 'h1', reason: 'over', by: 'ops' }));
  });
});

describe('the word of a human', () => {
  const agreed = { caseId: CASE, debtorId: DEBTOR, reason: 'agreed', by: 'li' };

  it('returns an account to the robot on a human word', async () => {
    await control.activate(packageHash, NAME, 'ops');
    await world.given('intake', DEBTOR, opened());
    const ground = world.get<TieringGround>(TIERING_GROUND);
    const place = { caseId: CASE, debtorId: DEBTOR, shard };
    await world.when(treatmentCommand(ground, place, { do: 'hand-over', reason: 'human-asked' }));
    const before = world.published.length;
    for (const _ of [1, 2]) await control.returnToRobot(agreed);
    const since = world.published.slice(before);
    expect(since.map(({ type }) => type)).toEqual(['ReturnedToRobot', 'AccountTiered']);
    expect(since[0]).toMatchObject({ shard: shardOf(DEBTOR, SHARDS), subject: DEBTOR, data: agreed });
  });

  it('changes nothing for an account that the robot has', async () => {
    await control.activate(packageHash, NAME, 'ops');
    await world.given('intake', DEBTOR, opened());
    const before = world.events.length;
    await control.returnToRobot(agreed);
    expect(world.thenTypes(before)).toEqual([]);
  });

  it('is refused while no strategy is in force', async () => {
    await expect(control.returnToRobot(agreed)).rejects.toThrow(StrategyMissing);
    expect(world.events).toEqual([]);
  });
});
