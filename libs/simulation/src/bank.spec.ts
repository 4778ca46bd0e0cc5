import { describe, expect, it } from '@jest/globals';
import { Bank, bankFactOfCall, bankFactOfSms } from './bank.js';
import type { BankAccount, BankFact, BankRecord } from './bank-records.js';
import type { CarrierRecord, SmscRecord } from './log-records.js';
import { personaOf } from './persona.js';

const SEED = 11;
const HOUR = 3_600_000;
const START = '2026-11-02T16:00:00.000Z';

const account = (index: number, changes: Partial<BankAccount> = {}): BankAccount => ({
  accountId: `A${index}`,
  customerNo: `C${index}`,
  debtorId: `debtor-${index}`,
  currency: 'TWD',
  minimumDue: 200_000,
  statementBalance: 2_000_000,
  dueDate: '2026-11-01',
  enteredOn: '2026-11-02',
  ...changes,
});
const accounts = Array.from({ length: 300 }, (_, index) => account(index));

const later = (iso: string, ms: number): string => new Date(Date.parse(iso) + ms).toISOString();
const local = (time: string, date: string): string => new Date(`${date}T${time}+08:00`).toISOString();

const run = (bank: Bank, hours: number, from = START): BankRecord[] =>
  Array.from({ length: hours }, (_, hour) => [
    ...bank.records(later(from, hour * HOUR), later(from, (hour + 1) * HOUR)),
  ]).flat();

const talk = (debtorId: string, at: string, promise: { date: string; amount: number } | null = null): BankFact => ({
  kind: 'talk',
  debtorId,
  at,
  identityConfirmed: true,
  promise,
  claimsPaid: false,
});

const paymentsOf = (records: readonly BankRecord[], accountId: string) =>
  records.flatMap((record) => (record.kind === 'payment' && record.accountId === accountId ? [record] : []));

/** The first invented debtor who never pays unasked and is of this kind. */
const debtor = (fits: (persona: ReturnType<typeof personaOf>) => boolean): number => {
  const found = accounts.findIndex(({ debtorId }) => {
    const persona = personaOf(SEED, debtorId);
    return persona.paysAloneOnDpd === null && !persona.reverses && fits(persona);
  });
  if (found < 0) throw new Error('no such debtor in the sample');
  return found;
};

describe('the simulated bank', () => {
  it('says the same again when it hears the same facts in another order, twice, or asked in other steps', () => {
    const facts = accounts
      .slice(0, 150)
      .map(({ debtorId }, index) =>
        talk(
          debtorId,
          local(`10:0${index % 10}:30`, '2026-11-03'),
          index % 2 ? { date: '2026-11-04', amount: 200_000 } : null,
        ),
      );
    const one = new Bank({ seed: SEED, accounts });
    for (const fact of facts) one.hear(fact);
    const other = new Bank({ seed: SEED, accounts });
    for (const fact of [...facts, ...facts].reverse()) other.hear(fact);
    const records = run(one, 72);
    expect(records.length).toBeGreaterThan(300);
    expect([...other.records(START, later(START, 72 * HOUR))]).toEqual(records);
  });

  it('never changes what it has posted when it hears of a call afterwards', () => {
    const fact = (index: number) =>
      talk(`debtor-${index}`, local('14:59:59', '2026-11-03'), { date: '2026-11-03', amount: 200_000 });
    const steps = 24;
    const live = new Bank({ seed: SEED, accounts });
    const heardLive = Array.from({ length: steps }, (_, hour) => {
      const from = later(START, hour * HOUR);
      for (let index = 0; index < 300; index += 1) if (fact(index).at <= from) live.hear(fact(index));
      return [...live.records(from, later(from, HOUR))];
    }).flat();
    const after = new Bank({ seed: SEED, accounts });
    for (let index = 0; index < 300; index += 1) after.hear(fact(index));
    expect(run(after, steps)).toEqual(heardLive);
  });

  it('sends everything at second 15 of a minute, in order, each with an id of its own', () => {
    const records = run(new Bank({ seed: SEED, accounts }), 9 * 24);
    const instants = records.map(({ postedAt }) => postedAt);
    expect(instants.every((at) => at.endsWith(':15.000Z'))).toBe(true);
    expect([...instants].sort()).toEqual(instants);
    expect(records.every(({ kind, postedAt }) => kind !== 'payment' || postedAt[15] === '4')).toBe(true);
    expect(new Set(records.map(({ bankEventId }) => bankEventId)).size).toBe(records.length);
    const sequences = records.map(
      ({ businessDate, bankSequence }) => `${businessDate}#${String(bankSequence).padStart(12, '0')}`,
    );
    expect([...sequences].sort()).toEqual(sequences);
    expect(new Set(sequences).size).toBe(sequences.length);
    expect(records.every((record) => local('00:00:00', record.businessDate) <= record.postedAt)).toBe(true);
  });

  it('states the watermark every hour, and the end of yesterday at half past midnight', () => {
    const records = run(new Bank({ seed: SEED, accounts: [] }), 24);
    const through = records.flatMap((record) =>
      record.kind === 'payments-posted-through' ? [[record.postedAt.slice(11, 19), record.asOf.slice(11, 19)]] : [],
    );
    expect(through).toHaveLength(24);
    expect(through[0]).toEqual(['16:30:15', '16:00:00']);
    expect(through.slice(1).every(([posted, asOf]) => posted === asOf?.replace(':00:00', ':00:15'))).toBe(true);
  });

  it('posts every payment of a day before it states that day’s end', () => {
    const records = run(new Bank({ seed: SEED, accounts }), 9 * 24);
    const through = new Map(
      records.flatMap((record) =>
        record.kind === 'payments-posted-through' ? [[record.asOf, record.postedAt] as const] : [],
      ),
    );
    for (const record of records) {
      if (record.kind !== 'payment') continue;
      const stated = through.get(later(local('00:00:00', record.valueDate), 24 * HOUR));
      if (stated) expect(record.postedAt < stated).toBe(true);
    }
  });

  it('reports every account that still owes at 05:30 from the day after its entry', () => {
    const records = run(
      new Bank({ seed: SEED, accounts: [...accounts, account(900, { minimumDue: 0, statementBalance: -5 })] }),
      72,
    );
    const daily = records.flatMap((record) => (record.kind === 'account' ? [record] : []));
    expect(daily.every(({ postedAt }) => postedAt.slice(11, 19) === '21:30:15')).toBe(true);
    expect(daily.filter(({ accountId }) => accountId === 'A900')).toEqual([]);
    const silent = debtor(() => true);
    const own = daily.filter(({ accountId }) => accountId === `A${silent}`);
    expect(own.map(({ businessDate, dpd, unpaidMinimum }) => [businessDate, dpd, unpaidMinimum])).toEqual([
      ['2026-11-03', 2, 200_000],
      ['2026-11-04', 3, 200_000],
      ['2026-11-05', 4, 200_000],
    ]);
    const fresh = new Bank({ seed: SEED, accounts: [account(1, { enteredOn: '2026-11-03', dueDate: '2026-11-02' })] });
    const first = run(fresh, 48).find(({ kind }) => kind === 'account');
    expect(first?.businessDate).toBe('2026-11-04');
  });

  it('no longer reports a cured account and says what is left in each payment', () => {
    const records = run(new Bank({ seed: SEED, accounts }), 9 * 24);
    const cured = new Map(
      records.flatMap((r) =>
        r.kind === 'payment' && r.remainingMinimumDue === 0 ? [[r.accountId, r.postedAt] as const] : [],
      ),
    );
    const reversed = new Set(records.flatMap((r) => (r.kind === 'reversal' ? [r.accountId] : [])));
    expect(cured.size).toBeGreaterThan(30);
    for (const record of records) {
      if (record.kind !== 'account' || reversed.has(record.accountId)) continue;
      expect(record.postedAt < (cured.get(record.accountId) ?? '9')).toBe(true);
    }
  });

  const heardPromise = (index: number) => {
    const bank = new Bank({ seed: SEED, accounts });
    bank.hear(talk(`debtor-${index}`, local('10:00:00', '2026-11-03'), { date: '2026-11-05', amount: 200_000 }));
    return paymentsOf(run(bank, 9 * 24), `A${index}`);
  };

  it('lets one who keeps promises pay the sum on the day', () => {
    const payments = heardPromise(debtor(({ promise, amount }) => promise === 'keeps' && amount === 'minimum'));
    expect(payments).toMatchObject([{ valueDate: '2026-11-05', amount: 200_000, remainingMinimumDue: 0 }]);
  });

  it('lets one who is late pay after the day, and one who pays in part pay less on the day', () => {
    expect(heardPromise(debtor(({ promise }) => promise === 'late'))[0]!.valueDate > '2026-11-05').toBe(true);
    const [part] = heardPromise(debtor(({ promise }) => promise === 'partly'));
    expect(part).toMatchObject({ valueDate: '2026-11-05' });
    expect(part!.amount).toBeLessThan(200_000);
  });

  it('lets one who breaks promises pay nothing', () => {
    expect(heardPromise(debtor(({ promise }) => promise === 'breaks'))).toEqual([]);
  });

  it('lets nobody pay within an hour of a call', () => {
    const at = local('12:00:00', '2026-11-03');
    const bank = new Bank({ seed: SEED, accounts });
    const before = new Set(run(bank, 24).map(({ bankEventId }) => bankEventId));
    for (const { debtorId } of accounts) bank.hear(talk(debtorId, at, { date: '2026-11-03', amount: 200_000 }));
    const moved = run(bank, 24).filter(({ bankEventId }) => !before.has(bankEventId));
    expect(moved.length).toBeGreaterThan(20);
    expect(moved.every(({ postedAt }) => postedAt > later(at, HOUR))).toBe(true);
  });

  it('takes back the first payment of a few a day later, under an id that names it', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => account(index));
    const records = run(new Bank({ seed: SEED, accounts: many }), 10 * 24, '2026-11-01T16:00:00.000Z');
    const reversals = records.flatMap((record) => (record.kind === 'reversal' ? [record] : []));
    expect(reversals.length).toBeGreaterThan(0);
    for (const { accountId, reversalOf, amount, postedAt, remainingMinimumDue } of reversals) {
      const paid = paymentsOf(records, accountId).find(({ paymentId }) => paymentId === reversalOf);
      expect(paid?.amount).toBe(amount);
      expect(paid!.postedAt < postedAt).toBe(true);
      expect(remainingMinimumDue).toBeGreaterThan(0);
    }
  });

  it('names the next instant at which it has something to say', () => {
    const bank = new Bank({ seed: SEED, accounts });
    const instants = [...new Set(run(bank, 24).map(({ postedAt }) => postedAt))];
    let at = START;
    for (const expected of instants) {
      at = bank.nextAt(at);
      expect(at).toBe(expected);
    }
  });

  it('reads its facts out of the carrier’s and the SMSC’s logs', () => {
    const base = { debtorId: 'd', number: '+9991', businessAt: START, wallAt: START };
    const heard = {
      identityConfirmed: true,
      promise: { date: '2026-11-05', amount: 5 },
      claimsPaid: false,
      lastIntent: 'yes',
    };
    const carrier: CarrierRecord[] = [
      { ...base, kind: 'invite', attemptId: 'a' },
      { ...base, kind: 'end', attemptId: 'a', sipCode: 200, heard },
      { ...base, kind: 'end', attemptId: 'b', sipCode: 480 },
    ];
    const smsc: SmscRecord[] = [
      { ...base, kind: 'submit', smsId: 's' },
      { ...base, kind: 'receipt', smsId: 's', delivered: true },
      { ...base, kind: 'receipt', smsId: 't', delivered: false },
    ];
    expect([...carrier.map(bankFactOfCall), ...smsc.map(bankFactOfSms)].filter((fact) => fact !== null)).toEqual([
      { kind: 'talk', debtorId: 'd', at: START, identityConfirmed: true, promise: heard.promise, claimsPaid: false },
      { kind: 'sms', debtorId: 'd', at: START },
    ]);
  });
});
