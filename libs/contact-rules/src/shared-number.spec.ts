import { describe, expect, test } from '@jest/globals';
import { call, deniedBy, inputs, judge, request, ruleOf, sh, unanswered } from './rules.fixture.js';

const at = (time: string) => sh(`2026-11-04T${time}:00.000`);
const others = (...times: readonly string[]) => ({
  debtorsOnNumber: 2,
  number: { othersAttempts: [], othersCalls: times.map(at), barred: false },
});

describe('a number of two debtors', () => {
  test('is not called within two hours of a call to the other one', () => {
    expect(deniedBy(inputs({ at: at('10:00'), ...others('08:00') }))).toEqual([]);
    const soon = inputs({ at: at('09:59'), ...others('08:00') });
    expect(deniedBy(soon)).toEqual(['CN-SHARED-APART']);
    expect(judge(soon).retryNotBefore).toBe(at('10:00'));
  });

  test('is called at most four times a day for all of them, answered or not', () => {
    const own = [unanswered(at('08:00')), call(at('09:00'))];
    expect(deniedBy(inputs({ at: at('15:00'), contacts: own, ...others('11:00') }))).toEqual([]);
    expect(deniedBy(inputs({ at: at('15:00'), contacts: own, ...others('11:00', '13:00') }))).toEqual([
      'CN-SHARED-ATTEMPTS',
    ]);
  });

  test('counts by what was done there also where the bank’s word has not come', () => {
    const { number } = others('09:30');
    expect(deniedBy(inputs({ number, debtorsOnNumber: 1 }))).toEqual(['CN-SHARED-APART']);
  });

  test('may be written to', () => {
    expect(deniedBy(inputs({ ...others('09:30'), request: request({ channel: 'sms' }) }))).toEqual([]);
  });
});

describe('a number of one debtor', () => {
  test('is bound by no rule of shared ones', () => {
    const five = ['08:00', '08:10', '08:20', '08:30', '08:40'].map((time) => unanswered(at(time)));
    expect(deniedBy(inputs({ contacts: five }))).toEqual([]);
    expect(ruleOf(inputs(), 'CN-SHARED-APART').result).toBe('not-applicable');
  });
});

describe('a number of three debtors', () => {
  test('is called by humans only', () => {
    expect(deniedBy(inputs({ debtorsOnNumber: 3 }))).toEqual(['CN-SHARED-BY-MANY']);
    expect(deniedBy(inputs({ debtorsOnNumber: 3, request: request({ channel: 'sms' }) }))).toEqual([]);
    expect(deniedBy(inputs({ debtorsOnNumber: 3, request: request({ actor: 'human' }) }))).toEqual([]);
  });
});
