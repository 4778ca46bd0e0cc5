import { describe, expect, it } from '@jest/globals';
import { addDays, businessDate, dpdOf, kindOfDay, localInstant } from '@mora/business-time';
import { drawChance } from '../chance.js';
import { chance, local, pastCall, strategy, talk } from '../package.fixture.js';
import { inGrace } from '../promise/grace.js';
import type { PastCall, PriorityInputs } from '../records.js';
import { drawArm } from '../tiering/arm.js';
import { chooseLead } from './lead.js';
import { dialPriority } from './priority.js';
import { chooseVoice } from './voice.js';
import { chooseWording } from './wording.js';

describe('days', () => {
  it('changes the business date at midnight in Shanghai', () => {
    expect(businessDate('2026-11-01T15:59:59.999Z', 'Asia/Shanghai')).toBe('2026-11-01');
    expect(businessDate('2026-11-01T16:00:00.000Z', 'Asia/Shanghai')).toBe('2026-11-02');
  });
  it('counts days past due over month ends', () => {
    expect([dpdOf('2026-11-02', '2026-10-31'), addDays('2026-12-31', 1), addDays('2028-02-28', 1)]).toEqual([
      2,
      '2027-01-01',
      '2028-02-29',
    ]);
  });
  it('counts the last day of grace in, and three days where the bank gave none', () => {
    expect([
      inGrace(strategy, '2026-11-04', '2026-11-01', null),
      inGrace(strategy, '2026-11-05', '2026-11-01', null),
    ]).toEqual([true, false]);
    expect([
      inGrace(strategy, '2026-11-01', '2026-11-01', 0),
      inGrace(strategy, '2026-11-02', '2026-11-01', 0),
    ]).toEqual([true, false]);
  });
  it('knows zones that change their clocks', () => {
    expect(localInstant('2026-03-29', '09:30', 'Europe/Berlin')).toBe('2026-03-29T07:30:00.000Z');
    expect(localInstant('2026-03-28', '09:30', 'Europe/Berlin')).toBe('2026-03-28T08:30:00.000Z');
  });
  it.each([
    ['2026-11-06', 'workday'],
    ['2026-11-07', 'weekend'],
    ['2026-09-20', 'workday'],
    ['2026-10-01', 'holiday'],
    ['2026-10-08', 'workday'],
    ['2026-02-15', 'holiday'],
    ['2026-02-16', 'blackout'],
    ['2026-02-19', 'blackout'],
    ['2026-02-20', 'holiday'],
    ['2027-02-04', 'workday'],
    ['2027-02-05', 'blackout'],
    ['2027-02-08', 'blackout'],
    ['2027-02-09', 'workday'],
  ])('calls %s a %s', (date, kind) => {
    expect(kindOfDay(strategy.calendar, date)).toBe(kind);
  });
});

describe('chance', () => {
  it('is the same for ever for salt, unit and purpose, and other for each other', () => {
    const draw = drawChance('salt', 's1', 'unit', 'purpose').draw;
    expect(draw).toBe(0.37229188552659886);
    expect(
      new Set([
        draw,
        drawChance('x', 's1', 'unit', 'purpose').draw,
        drawChance('salt', 's1', 'u', 'purpose').draw,
        drawChance('salt', 's1', 'unit', 'p').draw,
      ]).size,
    ).toBe(4);
  });
  it('is uniform', () => {
    const draws = Array.from({ length: 4000 }, (_, at) => drawChance('salt', 's', `unit-${at}`, 'p').draw);
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    expect(draws.reduce((a, b) => a + b, 0) / 4000).toBeCloseTo(0.5, 1);
  });
});

describe('arm', () => {
  const arms = (band: 'normal' | 'very-large') =>
    Array.from({ length: 5000 }, (_, at) => drawArm(strategy, { debtorId: `debtor-${at}`, band, chance }));
  it('holds about 2 % out, with the probability in the record', () => {
    const held = arms('normal').filter((one) => one.holdout);
    expect(held.length).toBeGreaterThan(60);
    expect(held.length).toBeLessThan(140);
    expect(held[0]).toMatchObject({ arm: 'holdout', probability: 0.02, decision: { chosen: 'holdout' } });
  });
  it('never holds a very large amount out, and draws nothing for it', () => {
    for (const one of arms('very-large'))
      expect(one).toMatchObject({ arm: 'champion', probability: 1, holdout: false, chance: null });
  });
  it('gives options whose probabilities sum to 1', () => {
    for (const band of ['normal', 'very-large'] as const) {
      const { options } = drawArm(strategy, { debtorId: 'd', band, chance }).decision;
      expect(options.reduce((sum, option) => sum + option.probability, 0)).toBeCloseTo(1, 12);
    }
  });
});

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
