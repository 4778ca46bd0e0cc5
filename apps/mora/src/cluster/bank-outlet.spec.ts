import { describe, expect, it } from '@jest/globals';
import { bankMessageOf, partitionOf } from './bank-outlet.js';

describe('the simulated bank on its topics', () => {
  it('says each kind of record on its topic, by its type, under the account', () => {
    const payment = { record: 'payment', bank_event_id: 'e1', account_id: 'A1', amount: '1.00', currency: '' };
    const { value, ...place } = bankMessageOf(payment);
    expect(place).toEqual({ topic: 'bank.payments.v1', key: 'A1' });
    expect(JSON.parse(value)).toEqual({
      specversion: '1.0',
      id: 'e1',
      source: '/bank/simulated',
      type: 'bank.payment.posted.v1',
      datacontenttype: 'application/json',
      data: { bank_event_id: 'e1', account_id: 'A1', amount: '1.00' },
    });
    expect(bankMessageOf({ record: 'account', bank_event_id: 'e2', account_id: 'A2' }).topic).toBe('bank.overdue.v1');
    expect(bankMessageOf({ record: 'payments-posted-through', bank_event_id: 'e3' }).key).toBeNull();
  });

  it('keeps a key in one partition and uses all of them', () => {
    const all = Array.from({ length: 100 }, (_, i) => partitionOf(`A${i}`, 3));
    expect(new Set(all)).toEqual(new Set([0, 1, 2]));
    expect(all).toEqual(Array.from({ length: 100 }, (_, i) => partitionOf(`A${i}`, 3)));
  });
});
