import { describe, expect, it } from '@jest/globals';
import { facts } from '../testing/foreign-facts.js';
import { scoredFacts } from './on-facts.js';

describe('the history of an account', () => {
  it('counts twelve months of episodes and kept promises, six of broken ones, and none of the episode itself', () => {
    const earlierEpisodes = [
      { openedOn: '2025-10-31', curedAtDpd: 1 },
      { openedOn: '2025-11-01', curedAtDpd: 3 },
      { openedOn: '2026-05-01', curedAtDpd: 4 },
      { openedOn: '2026-08-01', curedAtDpd: null },
      { openedOn: '2026-11-01', curedAtDpd: null },
    ];
    const promises = [
      { on: '2025-10-31', result: 'kept' },
      { on: '2025-11-01', result: 'kept' },
      { on: '2026-04-30', result: 'broken' },
      { on: '2026-05-01', result: 'broken' },
      { on: '2026-11-01', result: 'broken' },
    ] as const;
    const history = { ...facts.history, earlierEpisodes, promises: [...promises] };
    expect(scoredFacts({ ...facts, history }, 50_000)).toMatchObject({
      earlierEpisodes12m: 3,
      earlierCuredEarly: 1,
      earlierCuredLate: 2,
      promisesKept12m: 1,
      brokenBefore6m: 1,
    });
  });
});
