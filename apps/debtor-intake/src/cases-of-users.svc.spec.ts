/** Small inputs on which comparable systems went wrong, through the whole door. */
import { afterEach, describe, expect, it, test } from '@jest/globals';
import type { RawRecord } from './bank-record/record.js';
import { PAYMENT_UNKNOWN } from './case/decisions.js';
import type { Outcome } from './inbound/outcome.js';
import { intakeWorld, stopWorlds } from './testing/intake-world.fixture.js';
import { rawAccount } from './testing/samples.js';

afterEach(stopWorlds);

const DAY = '2026-11-03';
const account = (id: string, change: RawRecord = {}): RawRecord => ({
  record: 'account',
  ...rawAccount({
    bank_event_id: `EV-${id}`,
    business_date: DAY,
    customer_no: `C-${id}`,
    account_id: id,
    currency: 'CNY',
    minimum_due: '500.00',
    dpd: '2',
  }),
  ...change,
});

let event = 0;
const money =
  (kind: 'payment' | 'reversal') =>
  (paymentId: string, amount: string, change: RawRecord = {}): RawRecord => ({
    record: kind,
    bank_event_id: `MV-${++event}`,
    bank_sequence: kind === 'payment' ? '10' : '20',
    business_date: DAY,
    account_id: 'R',
    currency: 'CNY',
    payment_id: paymentId,
    amount,
    value_date: DAY,
    ...change,
  });
const pays = money('payment');
const reverses = (paymentId: string, amount: string, of: string, change: RawRecord = {}) =>
  money('reversal')(paymentId, amount, { reversal_of: of, ...change });

const at = (raws: readonly RawRecord[]) =>
  raws.map((raw, i) => ({ raw, channel: { kind: 'file', name: 'case.csv', offset: i + 2 } as const }));

/** Records as they come, and what is then owed. */
const taken = async (...raws: readonly RawRecord[]) => {
  const world = await intakeWorld();
  const outcomes: readonly Outcome[] = await world.intake.submit(at(raws));
  const owed = world.events.flatMap(({ data }) => {
    const { unpaidMinimum } = data as { unpaidMinimum?: number };
    return unpaidMinimum === undefined ? [] : [unpaidMinimum];
  });
  return { ...world, outcomes, results: outcomes.map(({ result }) => result), unpaid: owed.at(-1) };
};
const reasonOf = (outcome: Outcome | undefined): string =>
  outcome?.result === 'parked' ? outcome.problems.map(({ field, reason }) => `${field} ${reason}`).join(';') : '';

describe('a reversal', () => {
  const opens = account('R');

  test.each<[string, readonly RawRecord[], number, readonly string[]]>([
    ['R1 twice', [pays('p', '500.00'), reverses('r1', '500.00', 'p'), reverses('r2', '500.00', 'p')], 50_000, ['r2']],
    ['R2 of more than was paid', [pays('p', '200.00'), reverses('r', '700.00', 'p')], 30_000, ['r']],
    ['R3 of a payment that never came', [reverses('r', '300.00', 'no-such-payment')], 50_000, ['r']],
    ['R5 in part', [pays('p', '500.00'), reverses('r', '100.00', 'p')], 10_000, []],
    ['R6 of an overpayment', [pays('p', '900.00'), reverses('r', '900.00', 'p')], 50_000, []],
    ['R7 after the cure', [pays('p', '500.00'), reverses('r', '500.00', 'p')], 50_000, []],
    ['R8 with the id of its payment', [pays('p', '500.00'), reverses('p', '500.00', 'p')], 0, ['p']],
    ['R11 none: 200.00 are paid', [pays('p', '200.00')], 30_000, []],
    ['R12 written as a negative payment', [pays('p', '-500.00')], 50_000, ['p']],
    ['R13 none: the same sum twice', [pays('p', '100.00'), pays('q', '100.00')], 30_000, []],
    ['R14 none: the bank says what remains', [pays('p', '100.00', { remaining_minimum_due: '450.00' })], 45_000, []],
    ['R15 none: another currency', [pays('p', '100.00', { currency: 'USD' })], 50_000, ['p']],
    ['R16 none: a value date far ahead', [pays('p', '500.00', { value_date: '2027-03-01' })], 50_000, ['p']],
    ['R17 none: a business date far ahead', [pays('p', '500.00', { business_date: '2027-03-01' })], 50_000, ['p']],
    [
      'in two parts that are more than was paid',
      [pays('p', '500.00'), reverses('r1', '300.00', 'p'), reverses('r2', '300.00', 'p')],
      30_000,
      ['r2'],
    ],
  ])('%s', async (_, raws, unpaid, parked) => {
    const all = [opens, ...raws];
    const { outcomes, unpaid: owed } = await taken(...all);
    expect(owed).toBe(unpaid);
    expect(all.filter((_raw, i) => outcomes[i]!.result === 'parked').map((raw) => raw['payment_id'])).toEqual(parked);
  });

  it('R4 before its payment waits parked, and is taken when that comes', async () => {
    const { results, unpaid, types, parked } = await taken(opens, reverses('r', '500.00', 'p'), pays('p', '500.00'));
    expect(results).toEqual(['accepted', 'parked', 'accepted']);
    expect(unpaid).toBe(50_000);
    expect(types()).toContain('PaymentReversed');
    expect(await parked.list({ state: 'parked' })).toEqual([]);
  });

  it('R4 before its payment waits also from one submission to another', async () => {
    const { intake, parked, types } = await taken(opens, reverses('r', '500.00', 'p'));
    expect(await parked.list({ state: 'parked' })).toHaveLength(1);
    await intake.submit(at([pays('q', '1.00')]));
    expect(await parked.list({ state: 'parked' })).toHaveLength(1);
    await intake.submit(at([pays('p', '500.00')]));
    expect(await parked.list({ state: 'parked' })).toEqual([]);
    expect(types().filter((type) => type === 'PaymentReversed')).toHaveLength(1);
  });

  it('R14 of the bank’s sum flags the difference', async () => {
    const { events } = await taken(opens, pays('p', '100.00', { remaining_minimum_due: '450.00' }));
    expect(events.find(({ type }) => type === 'RemainingDiffers')?.data).toMatchObject({ ours: 40_000, banks: 45_000 });
  });

  it('R14 is not flagged where both sums agree, to the cent and when overpaid', async () => {
    const { types } = await taken(
      opens,
      pays('p', '100.00', { remaining_minimum_due: '400.00' }),
      pays('q', '900.00', { bank_sequence: '11', remaining_minimum_due: '-500.00' }),
    );
    expect(types()).not.toContain('RemainingDiffers');
  });
});

describe('a reversal that waits', () => {
  const opens = account('R');

  it('is tried again also when its payment came before and comes once more: nobody may have tried then', async () => {
    const { intake, parked, types } = await taken(opens, pays('p', '500.00', { bank_event_id: 'again' }));
    const [waits] = at([reverses('r', '500.00', 'p')]);
    await parked.park([{ input: waits!, problems: [{ field: 'reversal_of', reason: PAYMENT_UNKNOWN, value: '' }] }]);
    const again = await intake.submit(at([pays('p', '500.00', { bank_event_id: 'again' })]));
    expect(again.map(({ result }) => result)).toEqual(['duplicate']);
    expect(types()).toContain('PaymentReversed');
    expect(await parked.list({ state: 'parked' })).toEqual([]);
  });

  test.each(['sent again', 'driven again'])(
    'first for its account, then for its payment, when it is %s',
    async (how) => {
      const reversal = reverses('r', '500.00', 'p');
      const { intake, parked, types } = await taken(reversal);
      await intake.submit(at([reversal, opens]).slice(1));
      if (how === 'sent again') await intake.submit(at([reversal]));
      else await parked.redriveMany({}, (...given) => intake.submit(...given));
      expect(await parked.list({ reason: 'waits for that' })).toHaveLength(1);
      await intake.submit(at([pays('p', '500.00')]));
      expect(types()).toContain('PaymentReversed');
      expect(await parked.list({ state: 'parked' })).toEqual([]);
    },
  );

  it('also where its payment is named by its event alone, and the column of payments holds blanks', async () => {
    const { intake, types } = await taken(opens, reverses('r', '500.00', 'blank'));
    await intake.submit(at([pays('  ', '500.00', { bank_event_id: 'blank' })]));
    expect(types()).toContain('PaymentReversed');
  });
});

it('one reversal id for two payments is a contradiction, and not known already', async () => {
  const { results, outcomes, unpaid } = await taken(
    account('R'),
    pays('p', '100.00'),
    pays('q', '100.00'),
    reverses('r', '100.00', 'p'),
    reverses('r', '100.00', 'q'),
  );
  expect(results.slice(3)).toEqual(['accepted', 'parked']);
  expect(reasonOf(outcomes[4])).toContain('payment_id');
  expect(unpaid).toBe(40_000);
});

describe('an account with nothing due', () => {
  const of = (bank_sequence: string, minimum_due: string) =>
    account('N', { bank_event_id: `N-${bank_sequence}-${minimum_due}`, bank_sequence, minimum_due });

  it('is not opened by an older record that comes late', async () => {
    const { types } = await taken(of('1', '0.00'), of('3', '0.00'), of('2', '500.00'));
    expect(types()).not.toContain('CaseReopened');
  });

  it('is not opened by another record of the newest order', async () => {
    const { types, results } = await taken(of('1', '0.00'), of('3', '0.00'), of('3', '500.00'));
    expect(results).toEqual(['accepted', 'accepted', 'parked']);
    expect(types()).not.toContain('CaseReopened');
  });
});

describe('two records of one account and equal order', () => {
  const more = account('T', { bank_event_id: 'more', bank_sequence: '', minimum_due: '500.00' });
  const less = account('T', { bank_event_id: 'less', bank_sequence: '', minimum_due: '300.00' });

  test.each([
    ['more first', more, less, 50_000],
    ['less first', less, more, 30_000],
  ])('%s: the first stands, the second contradicts it', async (_, first, second, unpaid) => {
    const { results, outcomes, unpaid: owed } = await taken(first, second);
    expect(results).toEqual(['accepted', 'parked']);
    expect(owed).toBe(unpaid);
    expect(reasonOf(outcomes[1])).toMatch(/contradicts .* came first: file case\.csv, 2$/);
  });

  it('of different customers: the second contradicts, and the first customer keeps it', async () => {
    const rounded = (n: number) =>
      account('6228480402564890018', { bank_event_id: `EV-${n}`, customer_no: `RND${n}`, bank_sequence: '1' });
    const { results, outcomes, types } = await taken(rounded(0), rounded(1));
    expect(results).toEqual(['accepted', 'parked']);
    expect(reasonOf(outcomes[1])).toContain('customer_no contradicts');
    expect(types()).not.toContain('CaseClosed');
  });

  it('of different due dates: the second contradicts', async () => {
    const { outcomes } = await taken(
      more,
      account('T', { bank_event_id: 'x', bank_sequence: '', due_date: '2026-11-02' }),
    );
    expect(reasonOf(outcomes[1])).toContain('due_date contradicts');
  });

  it('that say the same are one, whatever their event ids', async () => {
    const { outcomes, types } = await taken(more, { ...more, bank_event_id: 'again' });
    expect(outcomes[1]!.result).not.toBe('parked');
    expect(types()).not.toContain('AccountReported');
  });
});

describe('what a record does not say', () => {
  const flagged = (flag: string) =>
    account('F', {
      bank_sequence: '1',
      name: '张伟',
      surname: '张',
      salutation: '先生',
      phones: '+999100003021|registered|1',
      flags: `${flag}|bank|2026-11-01|`,
      agreed_windows: '18:00|20:00|call|',
      consents: 'ai-voice|2027-01-01',
      time_zone: 'Asia/Urumqi',
      language: 'en',
      offers: '分3期',
      tolerance: '1.00',
      autopay: 'on',
      recorded_months: '24',
    });
  const silence: Readonly<Record<string, RawRecord>> = {
    absent: {},
    empty: { name: '', phones: '', flags: '', agreed_windows: '', consents: '', time_zone: '', tolerance: '' },
    blank: { name: '  ', phones: ' ', flags: '  ', agreed_windows: ' ', consents: '\t', time_zone: ' ' },
  };
  const said = (id: string, change: RawRecord): RawRecord => {
    const { name, surname, salutation, phones, ...rest } = account('F', { bank_event_id: id, bank_sequence: '2' });
    return { ...rest, ...change };
  };
  type Seen = Record<string, unknown> & { facts: Record<string, unknown> };
  const lastOf = (events: readonly { type: string; data: unknown }[], ...types: readonly string[]) =>
    events.filter(({ type }) => types.includes(type)).at(-1)!.data as Seen;

  test.each(Object.entries(silence))('%s stands as it was said before', async (_, change) => {
    const { events, results } = await taken(flagged('deceased'), said('EV-2', change));
    expect(results).toEqual(['accepted', 'accepted']);
    expect(lastOf(events, 'CaseOpened', 'AccountReported').facts).toMatchObject({
      flags: [{ kind: 'deceased' }],
      offers: ['分3期'],
      tolerance: 100,
      autopay: { on: true },
      history: { recordedMonths: 24 },
    });
    expect(events.filter(({ type }) => type === 'DebtorRecorded')).toHaveLength(1);
  });

  test.each(['legal', 'plan', 'barred', 'disaster', 'represented'])('lifts no flag, %s', async (flag) => {
    const { events } = await taken(flagged(flag), said('EV-2', {}));
    expect(lastOf(events, 'AccountReported').facts['flags']).toMatchObject([{ kind: flag }]);
  });

  it('stands in the next episode, but not the sums of the last statement', async () => {
    const world = await taken(flagged('deceased'));
    await world.world.moveTo('2026-12-02T02:00:00.000Z');
    const { statement_balance, ...next } = said('EV-3', { business_date: '2026-12-02', due_date: '2026-12-01' });
    await world.intake.submit(at([next]));
    expect(lastOf(world.events, 'CaseOpened').facts).toMatchObject({
      dueDate: '2026-12-01',
      flags: [{ kind: 'deceased' }],
      tolerance: 100,
      statementBalance: null,
    });
  });

  it('stands when the bank corrects the customer', async () => {
    const { events } = await taken(flagged('deceased'), said('EV-2', { customer_no: 'C-other' }));
    expect(lastOf(events, 'CaseOpened').facts['flags']).toMatchObject([{ kind: 'deceased' }]);
  });

  it('is said by an older record that comes later, and not otherwise by it', async () => {
    const { events, results } = await taken(said('EV-2', { tolerance: '2.00' }), flagged('deceased'));
    expect(results).toEqual(['accepted', 'accepted']);
    expect(lastOf(events, 'AccountReported').facts).toMatchObject({ flags: [{ kind: 'deceased' }], tolerance: 200 });
    expect(lastOf(events, 'DebtorRecorded')).toMatchObject({
      timeZone: 'Asia/Urumqi',
      phones: [{ kind: 'registered' }],
    });
  });

  it('is emptied by the word none, and by nothing else', async () => {
    const { events } = await taken(
      flagged('plan'),
      said('EV-2', { flags: 'none', phones: 'none', agreed_windows: 'NONE', consents: 'none', offers: 'none' }),
    );
    expect(lastOf(events, 'AccountReported').facts).toMatchObject({ flags: [], offers: [] });
    expect(lastOf(events, 'DebtorRecorded')).toMatchObject({ phones: [], agreedWindows: [], consents: [] });
  });

  it('for a second account of the customer takes no phone away', async () => {
    const second = said('EV-9', { account_id: 'F2', bank_sequence: '3' });
    const { events } = await taken(flagged('plan'), second);
    expect(lastOf(events, 'DebtorRecorded')['phones']).toHaveLength(1);
  });

  it('two accounts of one order say of their customer counts the same, whichever comes first', async () => {
    const of = (id: string, salutation: string) =>
      account(id, { customer_no: 'C', bank_sequence: '1', bank_event_id: `EV-${id}`, salutation });
    for (const raws of [
      [of('A', '先生'), of('B', '您好')],
      [of('B', '您好'), of('A', '先生')],
    ]) {
      const { events } = await taken(...raws);
      expect(lastOf(events, 'DebtorRecorded')['salutation']).toBe('您好');
    }
  });
});

describe('a record with a date that lies ahead', () => {
  test.each<[string, RawRecord, boolean]>([
    ['business date tomorrow', account('D', { business_date: '2026-11-03' }), true],
    ['business date the day after', account('D', { business_date: '2026-11-04' }), false],
    ['business date of another century', account('D', { business_date: '2062-11-03' }), false],
    ['due date of another century', account('D', { due_date: '2062-11-03' }), false],
  ])('%s', async (_, raw, fits) => {
    const { outcomes } = await taken(raw);
    if (fits) expect(outcomes[0]!.result).toBe('accepted');
    else expect(reasonOf(outcomes[0])).toContain('lies in the future');
  });

  test.each<[string, RawRecord, boolean]>([
    ['value date in ten days', { value_date: '2026-11-12' }, true],
    ['value date in eleven days', { value_date: '2026-11-13' }, false],
    ['posting tomorrow', { posted_at: '2026-11-03T15:59:00.000Z' }, true],
    ['posting the day after, in the bank’s zone', { posted_at: '2026-11-03T16:00:00.000Z' }, false],
  ])('%s', async (_, change, fits) => {
    const { outcomes, unpaid } = await taken(account('R'), pays('p', '100.00', change));
    if (fits) expect([outcomes[1]!.result, unpaid]).toEqual(['accepted', 40_000]);
    else expect(reasonOf(outcomes[1])).toContain('lies in the future');
  });
});

describe('what is parked', () => {
  it('says nothing of the person, also when columns were shifted', async () => {
    const shifted = account('S', {
      minimum_due: '张伟',
      due_date: '1985-04-12x',
      cycle: '\u200b13800138000',
      card_tail: '138',
    });
    const { outcomes, parked } = await taken(shifted);
    const shown = JSON.stringify([outcomes, await parked.list()]);
    for (const secret of ['张', '1985', '138']) expect(shown).not.toContain(secret);
    expect(shown).toContain('2 letters');
  });

  it('is kept by its head when it is large', async () => {
    const { parked } = await taken(account('L', { benefits_text: 'x'.repeat(1_000_000) }));
    const [row] = await parked.list();
    const { raw } = await parked.show(row!.id);
    expect(JSON.stringify(raw).length).toBeLessThan(140_000);
  });

  it('for an identifier that looks rounded is taken as it is when a person says so', async () => {
    const { parked, intake, results } = await taken(account('6228480402564890000'));
    expect(results).toEqual(['parked']);
    const [{ id } = { id: '' }] = await parked.list();
    const submit = (...given: Parameters<typeof intake.submit>) => intake.submit(...given);
    expect(await parked.redrive(id, {}, submit)).toMatchObject({ result: 'parked' });
    expect(await parked.redrive(id, {}, submit, true)).toMatchObject({ result: 'accepted' });
  });
});

it('the hash of a record in its events is another one in each installation, and for each debtor', async () => {
  const { events } = await taken(account('H'));
  const { provenance } = events.find(({ type }) => type === 'CaseOpened')!.data as { provenance: { rawHash: string } };
  const { createHash } = await import('node:crypto');
  const said = Object.entries(account('H')).filter(([field, value]) => value !== '' && field !== 'record');
  const guess = createHash('sha256')
    .update(JSON.stringify(said.sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex');
  expect(provenance.rawHash).toHaveLength(guess.length);
  expect(provenance.rawHash).not.toBe(guess);
});
