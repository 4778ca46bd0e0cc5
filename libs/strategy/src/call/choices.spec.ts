import { describe, expect, it } from '@jest/globals';
import { chance, local, pastCall, strategy, talk } from '../package.fixture.js';
import type { PastCall, PriorityInputs } from '../records.js';
import { chooseLead } from './lead.js';
import { dialPriority } from './priority.js';
import { chooseVoice } from './voice.js';
import { chooseWording } from './wording.js';

describe('voice', () => {
  const voice = (calls: readonly PastCall[], tier: 'L' | 'M' | 'H' = 'L') => chooseVoice(strategy, { tier, calls });
  const at = local('2026-11-02', '10:00');
  it('starts with the first of the pool', () => {
    expect([voice([]).voice, voice([], 'M').voice, voice([], 'H').voice]).toEqual(['F1', 'M2', 'F3']);
  });
  it('stays after an unanswered call, since nobody heard it', () => {
    expect(voice([pastCall(at, 'no-answer')])).toMatchObject({ voice: 'F1', rule: 'kept-unheard' });
    expect(voice([talk(at), pastCall(at, 'no-answer', { voice: 'M1' })])).toMatchObject({
      voice: 'M1',
      rule: 'kept-unheard',
    });
  });
  it('changes to the other speaker after a connected call, also over a change of tier', () => {
    expect(voice([talk(at)])).toMatchObject({ voice: 'M1', rule: 'other-speaker' });
    expect(voice([talk(at, { voice: 'F1' }), talk(at, { voice: 'M1' })]).voice).toBe('F1');
    expect(voice([talk(at, { voice: 'M1' })], 'M').voice).toBe('F2');
  });
});

describe('wording', () => {
  const choose = (heard: readonly string[], intentId = 'i') =>
    chooseWording({ promptId: 'ask', wordingIds: ['w1', 'w2', 'w3'], heard, intentId, chance });
  it('takes one that was not heard and records how many were left', () => {
    expect(choose(['w1', 'w3'])).toMatchObject({ wordingId: 'w2', left: 1, rule: 'unused' });
    expect(new Set(Array.from({ length: 40 }, (_, at) => choose([], `i${at}`).wordingId)).size).toBe(3);
  });
  it('takes the one heard longest ago when all were heard', () => {
    expect(choose(['w2', 'w1', 'w3', 'w2'])).toMatchObject({
      wordingId: 'w1',
      left: 0,
      rule: 'least-recent',
      chance: null,
    });
  });
});

describe('order of dialling', () => {
  const base: PriorityInputs = {
    isCallback: false,
    override: null,
    lastGraceDay: false,
    tier: 'L',
    script: 'l-first',
    band: 'normal',
    dpd: 2,
  };
  const of = (change: Partial<PriorityInputs>) => dialPriority(strategy, { ...base, ...change });
  it('is callback, broken, last grace day, H, M, second, first', () => {
    const order = [
      of({ isCallback: true }),
      of({ override: 'broken' }),
      of({ lastGraceDay: true }),
      of({ tier: 'H' }),
      of({ tier: 'M' }),
      of({ script: 'l-second' }),
      of({}),
    ];
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    expect(new Set(order).size).toBe(7);
  });
  it('is by higher amount, then by age inside a class, and neither leaves the class', () => {
    expect(of({ band: 'large' })).toBeLessThan(of({ band: 'normal', dpd: 3 }));
    expect(of({ dpd: 3 })).toBeLessThan(of({ dpd: 2 }));
    expect(of({ band: 'very-large', dpd: 8 })).toBeGreaterThan(of({ script: 'l-second', band: 'small', dpd: 1 }));
  });
});

describe('lead account', () => {
  const account = (caseId: string, tier: 'L' | 'M' | 'H', unpaidMinimum: number, openedAt = 'a') => ({
    caseId,
    tier,
    unpaidMinimum,
    openedAt,
  });
  it('is the highest tier, then the larger amount, then the older', () => {
    expect(chooseLead([account('1', 'L', 9), account('2', 'H', 1)])?.caseId).toBe('2');
    expect(chooseLead([account('1', 'H', 1), account('2', 'H', 9)])?.caseId).toBe('2');
    expect(chooseLead([account('1', 'H', 1, 'b'), account('2', 'H', 1, 'a')])?.caseId).toBe('2');
    expect(chooseLead([])).toBeNull();
  });
});
