import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { shardOf } from '@mora/contracts';
import type { Platform } from '@mora/service';
import { canonicalForm } from '@mora/strategy';
import { type ServiceWorld, serviceWorld, waitFor } from '@mora/test-kit';
import { ScoringModule } from './scoring.module.js';
import { activated, ended, opened, tiered } from './testing/foreign-facts.js';
import { CASE, DEBTOR, day, on, packageHash, strategy } from './testing/scores.js';

const SHARDS = 4;
const shard = shardOf(DEBTOR, SHARDS);
const CONTROL = `control-shard-${shard}`;
const text = canonicalForm(strategy);

let world: ServiceWorld;
beforeEach(async () => {
  world = await serviceWorld({
    module: (platform: Platform) => ScoringModule.for(platform),
    at: on(1, '14:10'),
    shards: SHARDS,
    policyText: (hash) => (hash === packageHash ? text : undefined),
  });
});
afterEach(() => world.stop());

const publishedTypes = () => world.published.map(({ type }) => type);
const waits = async () => {
  await waitFor('a refusal for now', () => world.warnings.includes('feed interrupted'));
};

describe('the scoring service', () => {
  it('scores at the day plan and after a call, and labels the conversation', async () => {
    await world.given('tiering', CONTROL, activated);
    await world.given('intake', DEBTOR, opened);
    await world.given('tiering', DEBTOR, tiered(on(1, '06:00')), tiered(null));
    await world.given('dialer', DEBTOR, ended);
    expect(publishedTypes()).toEqual(['AccountScored', 'ConversationLabelled', 'AccountScored']);
    const [, labelled, scored] = world.published;
    expect(scored!.data).toMatchObject({
      score: 50 + 15 + 10 + 6 + 4,
      features: { lastLabel: 'promise-date', lastLabelDate: day(4), longestConversationSeconds: 41 },
    });
    expect(labelled).toMatchObject({
      subject: DEBTOR,
      data: { intent: 'promise-date', intentTurns: [3, 4], reason: 'forgot', rightParty: true },
      meta: { correlationId: CASE, cause: `dialer/1/${shard}/1`, policies: [{ kind: 'scorecard', hash: packageHash }] },
    });
  });

  it('adds nothing when everything is delivered again', async () => {
    await world.given('tiering', CONTROL, activated);
    await world.given('intake', DEBTOR, opened);
    await world.given('tiering', DEBTOR, tiered(on(1, '06:00')));
    await world.given('dialer', DEBTOR, ended);
    const before = world.events.length;
    for (const [source, said] of [
      ['intake', 1],
      ['tiering', 2],
      ['dialer', 1],
    ] as const)
      expect(await world.deliverAgain(source)).toBe(said);
    expect(world.thenTypes(before)).toEqual([]);
  });

  it('waits for the strategy instead of parking what came before it', async () => {
    await world.meanwhile('intake', DEBTOR, opened);
    await waits();
    expect(world.published).toEqual([]);
    await world.given('tiering', CONTROL, activated);
    await world.given('tiering', DEBTOR, tiered(on(1, '06:00')));
    expect(await world.core.store.parked({ limit: 10 })).toEqual([]);
    expect(publishedTypes()).toEqual(['AccountScored']);
  });

  it('goes on after a restart with what it knew of the account, under the strategy in force', async () => {
    await world.given('tiering', CONTROL, activated);
    await world.given('intake', DEBTOR, opened);
    world = await world.restarted();
    await world.given('dialer', DEBTOR, ended);
    expect(publishedTypes()).toEqual(['ConversationLabelled', 'AccountScored']);
    expect(world.published[1]!.data).toMatchObject({ features: { lastLabel: 'promise-date' } });
  });
});
