import { describe, expect, it } from '@jest/globals';
import { schemaOf } from '@mora/contracts';
import type { BankPayment, BankReversal, RawRecord } from '../bank-record/record.js';
import { accountRecord, payment, reversal } from '../testing/samples.js';
import { type Case, type CaseEvent, cases, toleranceEndsAt } from './case.js';
import { closeTolerated, handOn, postPayment, reportAccount, reversePayment } from './decisions.js';

const AT = '2026-11-02T02:00:00.000Z';
const name = { caseId: 'case', debtorId: 'debtor', accountId: 'A1' };
const provenanceOf = (r: {
  bankEventId: string;
  bankSequence: number;
  businessDate: string;
  bodyHash: string;
  contentHash: string;
}) => ({
  bankEventId: r.bankEventId,
  bankSequence: r.bankSequence,
  businessDate: r.businessDate,
  rawHash: r.bodyHash,
  contentHash: r.contentHash,
  channel: { kind: 'file', name: 'book.csv', offset: 2 } as const,
  receivedAt: AT,
});
const report = (state: Case, change?: RawRecord) => {
  const record = accountRecord(change);
  return reportAccount(state, { name, record, provenance: provenanceOf(record) });
};
const pay = (state: Case, change?: RawRecord) => {
  const p: BankPayment = payment(change);
  return postPayment(state, p, provenanceOf(p));
};
const takeBack = (state: Case, change?: RawRecord) => {
  const r: BankReversal = reversal(change);
  return reversePayment(state, r, provenanceOf(r));
};
type Step = (state: Case) => readonly CaseEvent[];
const given = (...steps: readonly Step[]): Case =>
  steps.reduce<Case>((state, step) => step(state).reduce((s, e) => cases.evolve(s, e, AT), state), cases.initial);
const types = (events: readonly CaseEvent[]) => {
  for (const e of events) schemaOf('intake', e.type)!.parse(e.data);
  return events.map((e) => e.type);
};
const unpaid = (events: readonly CaseEvent[]) => (events[0]!.data as { unpaidMinimum: number }).unpaidMinimum;
const open: Step = (s) => report(s);
const nextDay = { bank_event_id: 'account-2026-11-03-A1', business_date: '2026-11-03', dpd: '2' };

describe('a case', () => {
  it('opens with what is owed and its days past due', () => {
    const events = report(cases.initial);
    expect(types(events)).toEqual(['CaseOpened']);
    expect(events[0]!.data).toMatchObject({ unpaidMinimum: 100_000, dpd: 1 });
  });

  it('closes as nothing-due without a positive balance or a minimum', () => {
    for (const change of [{ statement_balance: '0.00' }, { statement_balance: '-12.00' }, { minimum_due: '0.00' }]) {
      const events = report(cases.initial, change);
      expect(types(events)).toEqual(['CaseOpened', 'CaseClosed']);
      expect(events[1]!.data).toMatchObject({ reason: 'nothing-due' });
    }
    expect(types(report(cases.initial, { statement_balance: '0.01' }))).toEqual(['CaseOpened']);
  });

  it('is within tolerance at TWD 50.00 and not at 50.01', () => {
    expect(types(report(cases.initial, { paid_since_statement: '950.00' }))).toEqual(['CaseOpened', 'WithinTolerance']);
    expect(types(report(cases.initial, { paid_since_statement: '949.99' }))).toEqual(['CaseOpened']);
    expect(types(report(cases.initial, { paid_since_statement: '950.00', tolerance: '49.99' }))).toEqual([
      'CaseOpened',
    ]);
  });

  it('within tolerance waits for DPD 9 and then closes, unless more is owed again', () => {
    const state = given((s) => report(s, { paid_since_statement: '950.00' }));
    expect(cases.timersOf!(state)).toEqual([{ name: 'tolerance', dueAt: '2026-11-09T16:00:00.000Z' }]);
    expect(toleranceEndsAt('2026-11-01')).toBe('2026-11-09T16:00:00.000Z');
    expect(types(closeTolerated(state))).toEqual(['CaseClosed']);
    const more = given(
      (s) => report(s, { paid_since_statement: '950.00' }),
      (s) => report(s, { ...nextDay, paid_since_statement: '100.00' }),
    );
    expect(cases.timersOf!(more)).toEqual([]);
    expect(closeTolerated(more)).toEqual([]);
  });

  it('reports every later record, also when nothing changed', () => {
    expect(types(report(given(open), nextDay))).toEqual(['AccountReported']);
  });

  it('is silent when the same record comes again, and refuses another body under the same id', () => {
    expect(report(given(open))).toEqual([]);
    expect(() => report(given(open), { minimum_due: '999.00' })).toThrow('another body');
  });

  it("flags a difference to the bank's own days past due once", () => {
    const differs = report(cases.initial, { dpd: '3' });
    expect(types(differs)).toEqual(['CaseOpened', 'DpdDiffers']);
    const state = given((s) => report(s, { dpd: '3' }));
    expect(types(report(state, { ...nextDay, dpd: '4' }))).toEqual(['AccountReported']);
  });

  it('refuses to change its currency', () => {
    expect(() => report(given(open), { ...nextDay, currency: 'CNY' })).toThrow('TWD');
  });
});

describe('a payment', () => {
  it('counts on top, and cures at the last cent', () => {
    expect(unpaid(pay(given(open)))).toBe(60_000);
    const short = pay(given(open), { amount: '999.99' });
    expect(types(short)).toEqual(['PaymentPosted', 'WithinTolerance']);
    expect(types(pay(given(open), { amount: '1000.00' }))).toEqual(['PaymentPosted', 'CaseCured']);
    expect(types(pay(given(open), { amount: '5000.00' }))).toEqual(['PaymentPosted', 'CaseCured']);
  });

  it('that states the remaining minimum due is believed', () => {
    const events = pay(given(open), { amount: '1.00', remaining_minimum_due: '0.00' });
    expect(types(events)).toEqual(['PaymentPosted', 'RemainingDiffers', 'CaseCured']);
    const more = pay(given(open), { amount: '5000.00', remaining_minimum_due: '700.00' });
    expect(unpaid(more)).toBe(70_000);
  });

  it('comes again in silence, by its event id and by its payment id', () => {
    const state = given(open, (s) => pay(s));
    expect(pay(state)).toEqual([]);
    expect(pay(state, { bank_event_id: 'other-channel' })).toEqual([]);
    expect(() => pay(state, { bank_event_id: 'other-channel', amount: '1.00' })).toThrow('another amount');
    expect(() => pay(state, { amount: '1.00' })).toThrow('another body');
  });

  it('of an account without a case or in another currency is refused', () => {
    expect(() => pay(cases.initial)).toThrow('no case');
    expect(() => pay(given(open), { currency: 'CNY' })).toThrow('TWD');
  });

  it('on a cured case is recorded and changes nothing else', () => {
    const state = given(open, (s) => pay(s, { amount: '1000.00' }));
    expect(types(pay(state, { bank_event_id: 'p2', payment_id: 'P2' }))).toEqual(['PaymentPosted']);
  });

  it('that the next record already holds is not counted twice', () => {
    const state = given(open, (s) => pay(s));
    expect(unpaid(report(state, { ...nextDay, bank_sequence: '11', paid_since_statement: '400.00' }))).toBe(60_000);
  });

  it('after a record of the same day counts on top of it', () => {
    const state = given(open, (s) => report(s, { ...nextDay, bank_sequence: '1' }));
    expect(unpaid(pay(state))).toBe(60_000);
  });
});

describe('facts out of order', () => {
  const later = { ...nextDay, bank_sequence: '50' };

  it('an older record changes nothing', () => {
    const state = given(open, (s) => report(s, later));
    expect(report(state, { ...nextDay, bank_event_id: 'late', paid_since_statement: '1000.00' })).toEqual([]);
  });

  it('a late payment counts when the newer record cannot hold it', () => {
    const state = given(open, (s) => report(s, later));
    expect(unpaid(pay(state))).toBe(60_000);
  });

  it('a late payment does not count again when the newer record holds it', () => {
    const state = given(open, (s) => report(s, { ...later, paid_since_statement: '400.00' }));
    expect(unpaid(pay(state))).toBe(60_000);
  });

  it('payments and their sum do not depend on the order of arrival', () => {
    const one: Step = (s) => pay(s);
    const two: Step = (s) => pay(s, { bank_event_id: 'p2', payment_id: 'P2', bank_sequence: '11', amount: '600.00' });
    expect(given(open, one, two)).toMatchObject({ status: 'cured' });
    expect(given(open, two, one)).toMatchObject({ status: 'cured' });
  });
});

describe('a reversal', () => {
  const cured = given(open, (s) => pay(s, { amount: '1000.00' }));

  it('reopens a cured case with its history', () => {
    const events = takeBack(cured, { amount: '1000.00' });
    expect(types(events)).toEqual(['PaymentReversed', 'CaseReopened']);
    expect(unpaid(events)).toBe(100_000);
  });

  it('that leaves no more than the tolerance reopens within tolerance', () => {
    expect(types(takeBack(cured, { amount: '50.00' }))).toEqual(['PaymentReversed', 'CaseReopened', 'WithinTolerance']);
  });

  it('is silent the second time', () => {
    const state = given(
      open,
      (s) => pay(s),
      (s) => takeBack(s),
    );
    expect(takeBack(state)).toEqual([]);
  });

  it('before its payment is refused, to wait for it', () => {
    expect(() => takeBack(given(open))).toThrow('waits');
  });
});

describe('an account that goes on elsewhere', () => {
  const successor = { debtorId: 'other', caseId: 'next' };

  it('closes its case once, and not on older news', () => {
    const record = accountRecord(nextDay);
    const events = handOn(given(open), 'debtor-corrected', record, successor);
    expect(types(events)).toEqual(['CaseClosed']);
    expect(events[0]!.data).toMatchObject({ reason: 'debtor-corrected', successor });
    expect(
      handOn(
        given(open, () => events),
        'debtor-corrected',
        record,
        successor,
      ),
    ).toEqual([]);
    expect(
      handOn(
        given(open, (s) => report(s, nextDay)),
        'debtor-corrected',
        accountRecord(),
        successor,
      ),
    ).toEqual([]);
  });

  it('reopens when it comes back owing', () => {
    const closed = given(open, (s) => handOn(s, 'debtor-corrected', accountRecord(nextDay), successor));
    expect(types(report(closed, nextDay))).toEqual(['AccountReported', 'CaseReopened']);
  });
});
