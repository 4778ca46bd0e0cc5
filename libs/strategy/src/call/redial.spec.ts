import { describe, expect, it } from '@jest/globals';
import { type Disposition, disposition } from '@mora/contracts';
import { dayOf, dueDate, local, pastCall, strategy } from '../package.fixture.js';
import type { EndedCall, PastCall, RedialInputs } from '../records.js';
import { afterCall } from './redial.js';

const at = (dpd: number, time: string) => local(dayOf(dpd), time);
const ended = (one: Disposition, when = at(2, '10:00'), of: Partial<EndedCall> = {}): EndedCall => ({
  ...pastCall(when, one),
  callbackAt: null,
  deferTo: null,
  ...of,
});
const after = (
  one: Disposition,
  earlier: readonly PastCall[] = [],
  of: Partial<RedialInputs> & { readonly call?: EndedCall } = {},
) => afterCall(strategy, { call: ended(one), earlier, tier: 'L', dueDate, ...of });
const before = (one: Disposition, ...times: readonly (readonly [number, string])[]) =>
  times.map(([dpd, time]) => pastCall(at(dpd, time), one));

describe('after a call', () => {
  it('has an answer for every disposition', () => {
    for (const one of disposition.options) expect(after(one).rule).toContain(one);
  });

  it.each<[Disposition, string | null, boolean]>([
    ['no-answer', '12:00', true],
    ['busy', '10:30', false],
    ['declined', '14:00', true],
    ['switched-off', '14:00', true],
    ['out-of-range', '14:00', true],
    ['invalid', '10:00', true],
    ['hung-up-early', '14:00', true],
    ['third-party', '14:00', true],
    ['busy-now', '14:00', true],
    ['trunk-fault', '10:05', false],
    ['unknown', '10:00', true],
    ['machine', null, true],
    ['suspended', null, true],
    ['barred', null, true],
    ['wrong-person', null, true],
    ['promised', null, true],
    ['no-promise', null, true],
    ['refused', null, true],
    ['unclear', null, true],
    ['dropped', null, true],
    ['carrier-blocked', null, true],
    ['claims-paid', null, true],
    ['cured', null, true],
  ])('%s: next not before %s', (one, time, nextWindow) => {
    const advice = after(one);
    expect(advice.notBefore).toBe(time === null ? null : at(2, time));
    expect(advice.dayOver).toBe(time === null);
    if (time !== null) expect(advice.nextWindow).toBe(nextWindow);
  });

  it('redials a busy line twice in 30 minutes, the third time in the next window', () => {
    expect(after('busy', before('busy', [2, '09:30']))).toMatchObject({ rule: 'busy', nextWindow: false });
    expect(after('busy', before('busy', [2, '09:00'], [2, '09:30']))).toMatchObject({
      rule: 'busy#3',
      nextWindow: true,
    });
    expect(after('busy', before('busy', [1, '09:00'], [1, '09:30']))).toMatchObject({ rule: 'busy' });
  });

  it('ends the day at the second decline of a day', () => {
    expect(after('declined', before('declined', [2, '09:30']))).toMatchObject({ dayOver: true, otherWindow: true });
    expect(after('declined', before('declined', [1, '09:30']))).toMatchObject({ dayOver: false });
  });

  it('takes the next number after two days of an unreachable phone, and not after two calls of a day', () => {
    expect(after('switched-off', before('out-of-range', [1, '15:00'])).nextNumber).toBe(true);
    expect(after('switched-off', before('switched-off', [2, '09:30'])).nextNumber).toBe(false);
    expect(
      after('switched-off', [...before('switched-off', [1, '10:00']), ...before('no-answer', [1, '15:00'])]).nextNumber,
    ).toBe(false);
  });

  it('doubts a number after three days of suspension, not after two', () => {
    expect(after('suspended', before('barred', [0, '15:00'], [1, '15:00']))).toMatchObject({
      doubtful: true,
      nextNumber: true,
    });
    expect(after('suspended', before('barred', [1, '15:00'])).doubtful).toBe(false);
  });

  it('gives a hang-up before identity one more try that day, then tomorrow in other words', () => {
    expect(after('hung-up-early')).toMatchObject({ dayOver: false, otherWording: false });
    expect(after('hung-up-early', before('silent', [1, '15:00']))).toMatchObject({ dayOver: true, otherWording: true });
  });

  it('treats a number as a third party’s after two unverified calls', () => {
    expect(after('unverified').thirdParty).toBe(false);
    expect(after('unverified', before('unverified', [1, '15:00'])).thirdParty).toBe(true);
  });

  it('wants a number confirmed by a human after the second third party on it', () => {
    expect(after('third-party').unconfirmed).toBe(false);
    expect(after('third-party', before('third-party', [1, '15:00']))).toMatchObject({
      unconfirmed: true,
      nextNumber: true,
    });
    expect(after('third-party', [pastCall(at(1, '15:00'), 'third-party', { phoneRef: 'phone-two' })]).unconfirmed).toBe(
      false,
    );
  });

  it('bars the number of a wrong person for the debtor, and of a third party who asks for everybody', () => {
    expect(after('wrong-person')).toMatchObject({
      barNumber: 'debtor',
      stop: { kind: 'wrong-person', scope: 'number' },
      nextNumber: true,
    });
    expect(after('third-party-stop')).toMatchObject({
      barNumber: 'everywhere',
      stop: { kind: 'third-party-stop', scope: 'number-everywhere' },
    });
  });

  it('hands over at the second refusal, and at the first in H', () => {
    expect(after('refused').handOver).toBeNull();
    expect(after('refused', before('refused', [1, '15:00'])).handOver).toBe('refused');
    expect(after('refused', [], { tier: 'H' })).toMatchObject({ handOver: 'refused', rule: 'refused@H' });
  });

  it('hands over at the third unclear or dropped call of the episode', () => {
    expect(after('unclear', before('dropped', [1, '15:00'])).handOver).toBeNull();
    expect(after('dropped', [...before('unclear', [1, '15:00']), ...before('dropped', [1, '19:00'])]).handOver).toBe(
      'unclear',
    );
  });

  it('tries another trunk three times, then raises an alarm', () => {
    const faults = (n: number) => Array.from({ length: n }, () => pastCall(at(2, '09:50'), 'trunk-fault'));
    expect(after('trunk-fault', faults(2))).toMatchObject({ otherTrunk: true, alarm: false, nextWindow: false });
    expect(after('trunk-fault', faults(3))).toMatchObject({ alarm: true, nextWindow: true });
    expect(after('carrier-blocked')).toMatchObject({ alarm: true, dayOver: true });
  });

  it.each<[Disposition, string, string, string | null]>([
    ['claims-paid', 'claims-paid', 'account', null],
    ['disputed', 'disputed', 'debtor', 'dispute'],
    ['complained', 'complaint', 'debtor', 'complaint'],
    ['hardship', 'hardship', 'debtor', 'hardship'],
    ['stop', 'stop-asked', 'debtor', 'stop-asked'],
    ['deceased', 'deceased', 'debtor', 'deceased'],
    ['incapable', 'incapable', 'debtor', 'incapable'],
    ['distress', 'distress', 'debtor', 'distress'],
  ])('stops after %s', (one, kind, scope, handOver) => {
    expect(after(one)).toMatchObject({ stop: { kind, scope }, handOver, dayOver: true });
  });

  it('follows a time the debtor gave, unless it is past', () => {
    const busy = (callbackAt: string) =>
      after('busy-now', [], { call: ended('busy-now', at(2, '10:00'), { callbackAt }) });
    expect(busy(at(2, '12:15'))).toMatchObject({
      callbackAt: at(2, '12:15'),
      notBefore: at(2, '12:15'),
      dayOver: false,
    });
    expect(busy(at(2, '09:00'))).toMatchObject({ callbackAt: null, notBefore: at(2, '14:00') });
    expect(
      after('no-answer', [], { call: ended('no-answer', at(2, '10:00'), { callbackAt: at(2, '12:15') }) }).callbackAt,
    ).toBeNull();
  });

  it('waits for the date of a debtor who defers, but not past the first day of the next tier', () => {
    const defers = (dpd: number, deferTo: string) =>
      after('no-promise', [], { call: ended('no-promise', at(dpd, '10:00'), { deferTo }) }).notBeforeDate;
    expect([defers(2, dayOf(3)), defers(2, dayOf(4)), defers(2, dayOf(7))]).toEqual([dayOf(3), dayOf(4), dayOf(4)]);
    expect([defers(4, dayOf(7)), defers(6, dayOf(8))]).toEqual([dayOf(6), dayOf(8)]);
  });
});
