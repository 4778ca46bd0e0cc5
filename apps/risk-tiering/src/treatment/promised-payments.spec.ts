import { describe, expect, it } from '@jest/globals';
import { dataOf, day, on, Scenario, spoken, types } from '../testing/treatments.js';

/** Minimum 500.00, day 1 = Monday 2026-11-02; Saturday is day 6. */
class Account extends Scenario {
  private last = 0;

  constructor(dpd = 1) {
    super();
    this.started(on(dpd, '05:30'));
  }

  promises(at: string, amount: number, by: string) {
    return this.call(at, 'part-promised', { promise: spoken({ amount, kind: 'part', date: by }) });
  }

  pays(posted: string, amount: number, of: { readonly valueDate?: string; readonly at?: string } = {}) {
    this.last += 1;
    const unpaidMinimum = Math.max(0, (this.state.facts?.unpaidMinimum ?? 0) - amount);
    const valueDate = of.valueDate ?? posted.slice(0, 10);
    const payment = { key: `k${this.last}`, paymentId: `P${this.last}`, amount, valueDate, postedAt: posted };
    return this.when(of.at ?? posted, { do: 'note-payment', payment, unpaidMinimum });
  }

  bounces(at: string, paymentId: string, amount: number) {
    this.last += 1;
    const unpaidMinimum = (this.state.facts?.unpaidMinimum ?? 0) + amount;
    const own = { key: `k${this.last}`, paymentId: `R${this.last}`, reversalOf: paymentId };
    const payment = { ...own, amount: -amount, valueDate: at.slice(0, 10), postedAt: at };
    return this.when(at, { do: 'note-payment', payment, unpaidMinimum });
  }

  /** The day after a date is over and all of it is posted. */
  over(dpd: number) {
    this.postedThrough = on(dpd + 1, '00:00');
    return types(this.when(on(dpd + 1, '00:45'), { do: 'settle' }));
  }
}

describe('what is paid towards a promise', () => {
  it('before it was made does not count: 300 at 09:00, 200 promised at 12:00 by day 4', () => {
    const account = new Account();
    account.pays(on(1, '09:00'), 30_000);
    expect(types(account.promises(on(1, '12:00'), 20_000, day(4)))).toContain('PromiseMade');
    expect(account.state.promise).not.toBeNull();
    expect(types(account.when(on(2, '06:00'), { do: 'plan-day' }))).not.toContain('PromiseKept');
    expect(account.over(4)).toContain('PromiseBroken');
  });

  it('before it was made does not count, also where it is heard of later or on the day itself', () => {
    const account = new Account();
    account.pays(on(1, '09:00'), 20_000);
    account.promises(on(1, '12:00'), 30_000, day(4));
    expect(types(account.pays(on(1, '11:59'), 30_000, { at: on(1, '14:00') }))).not.toContain('PromiseKept');
    expect(account.over(4)).toContain('PromiseBroken');
  });

  it('on Saturday with a value date on Monday keeps a promise by Saturday', () => {
    const account = new Account(3);
    account.promises(on(3, '12:00'), 30_000, day(6));
    expect(types(account.pays(on(6, '15:00'), 30_000, { valueDate: day(8) }))).toContain('PromiseKept');
  });

  it('posted after its date with a value date inside it counts, posted and valued after it does not', () => {
    const late = (valueDate: string) => {
      const account = new Account();
      account.promises(on(1, '12:00'), 30_000, day(4));
      account.pays(on(5, '00:10'), 30_000, { valueDate });
      return account.over(4);
    };
    expect(new Account().promises(on(1, '12:00'), 30_000, day(4)).length).toBeGreaterThan(0);
    expect(late(day(5))).toContain('PromiseBroken');
    const inside = new Account();
    inside.promises(on(1, '12:00'), 30_000, day(4));
    expect(types(inside.pays(on(5, '00:10'), 30_000, { valueDate: day(4) }))).toContain('PromiseKept');
  });

  it('counts from the end of the call, however late that is heard of, and stays counted when the date is moved', () => {
    const account = new Account();
    const call = { endedAt: on(1, '12:00') };
    account.call(on(1, '13:00'), 'part-promised', {
      promise: spoken({ amount: 20_000, kind: 'part', date: day(2) }),
      call,
    });
    account.pays(on(1, '12:30'), 10_000, { at: on(1, '13:10') });
    account.promises(on(2, '10:00'), 20_000, day(4));
    expect(types(account.pays(on(3, '10:00'), 10_000))).toContain('PromiseKept');
  });

  it('before another amount was named does not count again towards that', () => {
    const account = new Account();
    account.promises(on(1, '12:00'), 50_000, day(2));
    account.pays(on(1, '15:00'), 20_000);
    account.promises(on(2, '10:00'), 30_000, day(4));
    expect(types(account.pays(on(2, '11:00'), 10_000))).not.toContain('PromiseKept');
    expect(types(account.pays(on(2, '12:00'), 20_000))).toContain('PromiseKept');
  });

  const kept = () => {
    const account = new Account();
    account.promises(on(1, '12:00'), 30_000, day(4));
    expect(types(account.pays(on(2, '10:00'), 30_000))).toContain('PromiseKept');
    expect(account.state).toMatchObject({ promise: null, promisesKept: 1, lastPromiseResult: 'kept' });
    return account;
  };

  it('and bounces inside the date opens the promise again', () => {
    const account = kept();
    const events = account.bounces(on(3, '10:00'), 'P1', 30_000);
    expect(dataOf(events, 'PromiseReopened')).toMatchObject({ was: 'kept', settledAt: on(2, '10:00'), paid: 0 });
    expect(account.state).toMatchObject({ promisesKept: 0, lastPromiseResult: null });
    expect(account.state.promise?.date).toBe(day(4));
    expect(account.timer('settle')).toBe(on(5, '00:45'));
    expect(account.over(4)).toContain('PromiseBroken');
  });

  it('and bounces after the date breaks it: the result that was known is taken back first', () => {
    const account = kept();
    account.postedThrough = on(6, '00:00');
    const events = account.bounces(on(6, '10:00'), 'P1', 30_000);
    expect(types(events).slice(1, 3)).toEqual(['PromiseReopened', 'PromiseBroken']);
    expect(account.state).toMatchObject({ promise: null, promisesKept: 0, brokenInEpisode: 1 });
  });

  it('and bounces in part, within the tolerance, changes nothing', () => {
    const account = kept();
    expect(types(account.bounces(on(3, '10:00'), 'P1', 1_000))).not.toContain('PromiseReopened');
  });

  it('and that bounces after the account was cured opens it too', () => {
    const account = new Account();
    account.call(on(1, '12:00'), 'promised', { promise: spoken({ date: day(4) }) });
    account.pays(on(2, '10:00'), 50_000);
    account.when(on(2, '10:00'), { do: 'end', reason: 'cured' });
    expect(types(account.bounces(on(3, '10:00'), 'P1', 50_000))).toContain('PromiseReopened');
    account.when(on(3, '10:00'), { do: 'resume', because: 'reversed' });
    expect(account.state).toMatchObject({ status: 'active', promise: { amount: 50_000 } });
  });
});

describe('the least amount of a promise', () => {
  it.each([
    [100, false],
    [1_000, false],
    [4_999, false],
    [5_000, true],
  ])('of 500.00, tolerance 10.00: %i is a promise: %s', (amount, isOne) => {
    expect(types(new Account().promises(on(1, '12:00'), amount, day(4))).includes('PromiseMade')).toBe(isOne);
  });
});
