import { describe, expect, it } from '@jest/globals';
import { handOverReason } from '@mora/contracts';
import { dayOf, local, pastCall, strategy, talk } from '../package.fixture.js';
import { handOverDue, handOverFor } from './handover.js';
import type { HandOverInputs } from './records.js';

const at = (dpd: number, time: string) => local(dayOf(dpd), time);

const handInputs = (of: Partial<HandOverInputs> = {}): HandOverInputs => ({
  dpd: 7,
  tier: 'H',
  band: 'normal',
  score: 50,
  openPromise: false,
  calls: [],
  hasUsableNumber: true,
  reached: false,
  promisesKept: 0,
  brokenInEpisode: 0,
  lastBrokenTier: null,
  withinTolerance: false,
  holdout: false,
  paidCheckDone: false,
  ...of,
});

const due = (of: Partial<HandOverInputs>) => handOverDue(strategy, handInputs(of));

describe('hand-over', () => {
  const informed = talk(at(6, '10:00'), { tier: 'H', script: 'h-inform' });
  it('comes at DPD 9 and not at DPD 8, as lost only when tried and never reached', () => {
    const tried = [pastCall(at(6, '10:00'), 'no-answer')];
    expect([
      due({ dpd: 8 }),
      due({ dpd: 9 }),
      due({ dpd: 9, calls: tried }),
      due({ dpd: 9, calls: tried, reached: true }),
    ]).toEqual([null, 'end-of-robot', 'lost', 'end-of-robot']);
    expect([due({ dpd: 9, withinTolerance: true }), due({ dpd: 9, holdout: true, calls: [] })]).toEqual([
      null,
      'end-of-robot',
    ]);
  });
  it('takes a large amount or a score below 25 in H, after one h-inform conversation', () => {
    expect([
      due({ band: 'very-large', calls: [informed] }),
      due({ band: 'very-large' }),
      due({ band: 'large', calls: [informed] }),
    ]).toEqual(['large-at-risk', null, null]);
    expect([
      due({ score: 24, calls: [informed] }),
      due({ score: 25, calls: [informed] }),
      due({ score: 24, tier: 'M', calls: [informed] }),
    ]).toEqual(['large-at-risk', null, null]);
  });
  it('leaves a large amount at risk to the robot while a promise is open', () => {
    const open = { openPromise: true, calls: [informed] };
    expect([
      due({ band: 'very-large', ...open }),
      due({ score: 10, ...open }),
      due({ score: null, calls: [informed] }),
    ]).toEqual([null, null, null]);
  });
  it('takes the second broken promise, and the first in H', () => {
    expect([
      due({ brokenInEpisode: 1, lastBrokenTier: 'M' }),
      due({ brokenInEpisode: 2, lastBrokenTier: 'M' }),
      due({ brokenInEpisode: 1, lastBrokenTier: 'H' }),
    ]).toEqual([null, 'broken-promise', 'broken-promise']);
  });
  it('takes five conversations without a kept promise as talked out, four not', () => {
    const talks = (n: number) => Array.from({ length: n }, () => talk(at(2, '10:00')));
    expect([due({ calls: talks(4) }), due({ calls: talks(5) }), due({ calls: talks(5), promisesKept: 1 })]).toEqual([
      null,
      'talked-out',
      'capped',
    ]);
  });
  it('counts no conversation in which the debtor was in a hurry before the matter was named', () => {
    const hurried = (matterNamed: boolean) =>
      Array.from({ length: 5 }, () => talk(at(2, '10:00'), { disposition: 'busy-now', matterNamed }));
    expect([due({ calls: hurried(false) }), due({ calls: hurried(true) })]).toEqual([null, 'talked-out']);
  });
  it('takes twenty attempts as capped, nineteen or trunk faults not', () => {
    const missed = (n: number) => Array.from({ length: n }, () => pastCall(at(2, '10:00'), 'no-answer'));
    expect([
      due({ calls: missed(19) }),
      due({ calls: missed(20) }),
      due({ calls: [...missed(19), pastCall(at(2, '10:00'), 'trunk-fault')] }),
    ]).toEqual([null, 'capped', null]);
  });
  it('takes a debtor without a usable number as lost', () => {
    expect([
      due({ hasUsableNumber: false }),
      due({ hasUsableNumber: false, holdout: true }),
      due({ paidCheckDone: true }),
    ]).toEqual(['lost', null, 'claims-paid']);
  });
  it('has a queue, a deadline that is not past and a next step for every reason', () => {
    for (const reason of handOverReason.options) {
      const hand = handOverFor(strategy, reason, at(6, '06:00'));
      expect(hand.firstActionDue > at(6, '06:00')).toBe(true);
      expect(hand.suggestedNextStep).not.toBe('');
    }
  });
  it.each([
    ['distress', '2026-11-07', '23:50', '2026-11-08', '00:05'],
    ['complaint', '2026-11-07', '23:50', '2026-11-08', '00:50'],
    ['human-asked', '2026-11-06', '15:00', '2026-11-06', '17:00'],
    ['human-asked', '2026-11-06', '17:00', '2026-11-09', '10:00'],
    ['human-asked', '2026-11-06', '16:00', '2026-11-06', '18:00'],
    ['end-of-robot', '2026-11-10', '06:00', '2026-11-10', '18:00'],
    ['refused', '2026-11-06', '18:00', '2026-11-09', '18:00'],
    ['refused', '2026-11-06', '17:59', '2026-11-06', '18:00'],
    ['dispute', '2026-11-06', '15:00', '2026-11-09', '15:00'],
    ['dispute', '2026-09-30', '15:00', '2026-10-08', '15:00'],
    ['end-of-robot', '2026-02-16', '06:00', '2026-02-24', '18:00'],
  ] as const)('%s at %s %s is first acted on by %s %s', (reason, date, time, byDate, byTime) => {
    expect(handOverFor(strategy, reason, local(date, time)).firstActionDue).toBe(local(byDate, byTime));
  });
});
