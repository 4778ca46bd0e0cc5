import { describe, expect, it } from '@jest/globals';
import { canonicalForm, type Strategy, StrategyUnfit } from '@mora/strategy';
import { playbooks } from './playbook.js';
import { strategy, strategyHash } from './testing/samples.js';

describe('a playbook', () => {
  it('holds every script of a sound strategy, and none of one that has not come', () => {
    const playbook = playbooks(() => strategy)(strategyHash)!;
    expect(Object.keys(playbook.scripts)).toContain('h-inform');
    expect(playbooks(() => undefined)(strategyHash)).toBeUndefined();
  });

  it.each([
    ['lint', '请问您今天方便还款吗？', '否则我们上门。'],
    ['compiler', '"near-date":{', '"near-data":{'],
    ['schema', '"movesAllowed":1', '"movesAllowed":1.5'],
  ])('is not made of a strategy with one problem: %s', (_of, from, to) => {
    const bad = JSON.parse(canonicalForm(strategy).replaceAll(from, to)) as Strategy;
    expect(bad).not.toEqual(strategy);
    expect(() => playbooks(() => bad)('another')).toThrow(StrategyUnfit);
  });
});
