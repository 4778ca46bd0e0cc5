import { afterEach, describe, expect, it } from '@jest/globals';
import { canonicalForm } from '@mora/strategy';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { TIERING_GROUND, type TieringGround, treatmentCommand } from '../reactions/commands.js';
import { opened, provenance, shard, tiering } from '../testing/tiering.js';
import { CASE, DEBTOR, endedCall, on, packageHash, spoken, strategy } from '../testing/treatments.js';
import { TieringControl } from './tiering-control.js';

let world: ServiceWorld;
afterEach(() => world.stop());

const treated = async (policies = new Map([[packageHash, canonicalForm(strategy)]])) => {
  world = await serviceWorld(tiering({ policies }));
  await world.get(TieringControl).activate(packageHash, 'cn-early-delinquency', 'ops');
  await world.given('intake', DEBTOR, opened());
};
const instantsOf = (type: string) => world.published.filter((e) => e.type === type).map(({ meta }) => meta.at);

describe('timers of tiering', () => {
  it('judge a promise once its day is over and posted', async () => {
    await treated();
    const ground = world.get<TieringGround>(TIERING_GROUND);
    const place = { caseId: CASE, debtorId: DEBTOR, shard };
    const promised = { call: endedCall(on(1, '05:30'), 'promised'), promise: spoken(), claimedPaidOn: null, stops: [] };
    await world.when(treatmentCommand(ground, place, { do: 'note-call', facts: promised }));
    await world.moveTo(on(4, '00:44'));
    await world.given('intake', `bank-shard-${shard}`, {
      type: 'PaymentsPostedThrough',
      data: { asOf: on(4, '00:00'), provenance },
    });
    expect(instantsOf('PromiseBroken')).toEqual([]);
    await world.moveTo(on(4, '00:46'));
    expect(instantsOf('PromiseBroken')).toEqual([on(4, '00:45')]);
  });

  it('fire after a restart, once', async () => {
    await treated();
    world = await world.restarted();
    await world.moveTo(on(1, '06:00'));
    world = await world.restarted();
    await world.moveTo(on(1, '06:01'));
    expect(world.published).toEqual([]);
    expect(await world.life.nextDue()).toBe(on(2, '06:00'));
  });

  it('keep a day plan that is due until its strategy has arrived', async () => {
    const policies = new Map([[packageHash, canonicalForm(strategy)]]);
    await treated(policies);
    policies.clear();
    world = await world.restarted();
    await world.moveTo(on(1, '06:00'));
    expect(world.events).toEqual([]);
    expect(world.warnings).toContain('timer failed');
    policies.set(packageHash, canonicalForm(strategy));
    await world.moveTo(on(1, '06:01'));
    expect(instantsOf('AccountTiered')).toHaveLength(1);
  });
});
