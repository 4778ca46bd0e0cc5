import { describe, expect, it, test } from '@jest/globals';
import { FRAME, rawAccount, rawPayment, rawReversal } from '../testing/samples.js';
import { parseAmount } from './amount.js';
import { bankInstantOf, isBankDate } from './dates.js';
import { hintOf } from './hint.js';
import { phoneProblem } from './phone.js';
import type { RawRecord } from './record.js';
import { validate } from './validate.js';

const problemsOf = (raw: RawRecord) => {
  const result = validate(raw, FRAME);
  return result.ok ? [] : result.problems;
};
const recordOf = (raw: RawRecord) => {
  const result = validate(raw, FRAME);
  if (!result.ok) throw new TypeError(JSON.stringify(result.problems));
  return result.record;
};

describe('an amount', () => {
  test.each([
    ['1234.50', 'TWD', 123_450],
    ['0', 'CNY', 0],
    ['0.01', 'USD', 1],
    ['1234.5', 'CNY', 123_450],
    ['100', 'JPY', 100],
    ['1.234', 'KWD', 1_234],
    ['90071992547409.91', 'CNY', Number.MAX_SAFE_INTEGER],
  ])('%s %s is exact in minor units', (text, currency, value) => {
    expect(parseAmount(text, currency)).toEqual({ ok: true, value });
  });

  test.each([
    ['1e309', 'plain decimal'],
    ['NaN', 'plain decimal'],
    ['Infinity', 'plain decimal'],
    ['1,234.56', 'plain decimal'],
    ['+5', 'plain decimal'],
    ['.5', 'plain decimal'],
    ['5.', 'plain decimal'],
    ['007', 'plain decimal'],
    ['0x10', 'plain decimal'],
    ['１２', 'plain decimal'],
    ['-0', 'negative zero'],
    ['-0.00', 'negative zero'],
    ['-1', 'is negative'],
    ['1.234', '3 decimals'],
    ['90071992547409.92', 'too large'],
    ['9'.repeat(400), 'too large'],
  ])('%s is refused', (text, reason) => {
    expect(parseAmount(text, 'CNY')).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  it('has no decimals in yen', () => {
    expect(parseAmount('1.0', 'JPY')).toEqual({ ok: false, reason: 'has 1 decimals; JPY has none' });
  });
});

describe('a date', () => {
  test.each(['2026-11-02', '2024-02-29', '2000-02-29'])('%s is a day', (text) => expect(isBankDate(text)).toBe(true));
  test.each([
    '31 Feb',
    '02/03',
    '2026-02-29',
    '1900-02-29',
    '2026-02-31',
    '2026-13-01',
    '2026-00-10',
    '2026-1-2',
    '2026-11-02T00:00',
    '20261102',
  ])('%s is refused', (text) => expect(isBankDate(text)).toBe(false));

  it('of an instant needs a zone and ends in UTC milliseconds', () => {
    expect(bankInstantOf('2026-11-02T08:00:00+08:00')).toBe('2026-11-02T00:00:00.000Z');
    expect(bankInstantOf('2026-11-02T08:00:00')).toBeNull();
    expect(bankInstantOf('2026-02-31T08:00:00Z')).toBeNull();
    expect(bankInstantOf('2026-11-02T24:00:00Z')).toBeNull();
  });
});

describe('a phone number', () => {
  test.each(['+8613800138000', '+886912345678', '+999100200300', '+12025550123'])('%s may be dialed', (text) =>
    expect(phoneProblem(text)).toBeNull(),
  );
  test.each([
    ['110', 'emergency'],
    ['+86110', 'emergency'],
    ['+86120', 'emergency'],
    ['+8612345', 'emergency'],
    ['+886119', 'emergency'],
    ['911', 'emergency'],
    ['112', 'emergency'],
    ['95588', 'short'],
    ['+8695588', 'emergency or service'],
    ['+864008123123', 'emergency or service'],
    ['12', 'short'],
    ['13800138000', 'E.164'],
    ['+86 138 0013 8000', 'E.164'],
    ['+86138O0138000', 'letters'],
    ['call me', 'letters'],
    ['+0123456789', 'E.164'],
    ['+1234567890123456', 'E.164'],
    ['', 'E.164'],
  ])('%s is refused', (text, reason) => expect(phoneProblem(text)).toContain(reason));
});

describe('an account record', () => {
  it('becomes facts in minor units', () => {
    expect(recordOf(rawAccount())).toMatchObject({
      kind: 'account',
      customerNo: 'C1',
      bankSequence: 1,
      facts: { minimumDue: 100_000, statementBalance: 500_000, cardTail: '1234', tolerance: null, dpdReported: 1 },
      debtor: { timeZone: 'Asia/Shanghai', timeZoneBasis: 'assumed', phones: [{ order: 1 }, { order: 2 }] },
    });
  });

  test.each([
    'bank_event_id',
    'business_date',
    'customer_no',
    'account_id',
    'currency',
    'minimum_due',
    'paid_since_statement',
    'due_date',
    'card_tail',
  ])('without %s is not taken', (field) => {
    expect(problemsOf(rawAccount({ [field]: '' }))).toContainEqual({ field, reason: 'is missing', value: '' });
  });

  it('may lack everything else', () => {
    const { phones, name, surname, salutation, credit_limit, statement_balance, dpd, ...rest } = rawAccount();
    expect(recordOf(rest)).toMatchObject({ debtor: { name: '', phones: [] }, facts: { statementBalance: null } });
  });

  it('names every problem at once', () => {
    const wrong = rawAccount({
      minimum_due: '1e309',
      due_date: '31 Feb',
      phones: '+86110|registered|1',
      card_tail: '12',
    });
    expect(
      problemsOf(wrong)
        .map((p) => p.field)
        .sort(),
    ).toEqual(['card_tail', 'due_date', 'minimum_due', 'phones']);
  });

  it('of an unknown currency is refused for the currency alone', () => {
    expect(problemsOf(rawAccount({ currency: 'XXQ' })).map((p) => p.field)).toEqual(['currency']);
  });

  it('never shows a name or a number in full', () => {
    const shown = JSON.stringify(
      problemsOf(
        rawAccount({ phones: '+8613800138abc|registered|1', name: '王小明\u0000', minimum_due: '13800138000x' }),
      ),
    );
    for (const secret of ['13800138', '王', '小明']) expect(shown).not.toContain(secret);
  });

  it('is refused with NUL, a lone surrogate or an undecodable byte', () => {
    for (const name of ['a\u0000b', 'a\ud800', 'a\ufffd']) {
      expect(problemsOf(rawAccount({ name })).map((p) => p.field)).toEqual(['name']);
    }
  });

  test.each(['\u200b', '\u202e', '\u2066', '\u00ad', '\ufeff', '\u2028', '\u2029', '\ue000', '\u0378'])(
    'is refused with U+%s in a name or a text',
    (character) => {
      for (const field of ['name', 'surname', 'salutation', 'benefits_text', 'offers', 'cycle']) {
        expect(problemsOf(rawAccount({ [field]: `a${character}b` })).map((p) => p.field)).toEqual([field]);
      }
    },
  );

  it('leaves protected attributes and unknown fields outside', () => {
    const plain = recordOf(rawAccount());
    const told = recordOf(rawAccount({ sex: 'F', age: '33', education: '2', marriage: '1', ethnicity: 'x' }));
    expect(told).toEqual(plain);
  });

  it('reads lists, and names the item that is wrong', () => {
    const raw = rawAccount({
      delinquency_history: '2;0;-1',
      payment_history: '1500.00;0.00',
      earlier_episodes: '2026-05-03|4;2026-07-03|',
      promise_history: '2026-05-03|kept',
      flags: 'dispute|desk|2026-10-30|',
      offers: '分3期;分6期',
      agreed_windows: '20:00|21:00|call|',
    });
    expect(recordOf(raw)).toMatchObject({
      facts: {
        history: {
          delinquency: [2, 0, -1],
          payments: [150_000, 0],
          earlierEpisodes: [{ curedAtDpd: 4 }, { curedAtDpd: null }],
        },
        flags: [{ kind: 'dispute', until: null }],
        offers: ['分3期', '分6期'],
      },
    });
    expect(problemsOf({ ...raw, promise_history: '2026-05-03|kept;2026-02-31|kept' })[0]).toMatchObject({
      field: 'promise_history',
      reason: expect.stringContaining('item 2'),
    });
  });

  it('has the same hash whatever the order of its fields, and another one for another body', () => {
    const reordered = Object.fromEntries(Object.entries(rawAccount()).reverse());
    expect(recordOf(reordered).bodyHash).toBe(recordOf(rawAccount()).bodyHash);
    expect(recordOf(rawAccount({ record: 'account', cycle: '' })).bodyHash).toBe(recordOf(rawAccount()).bodyHash);
    expect(recordOf(rawAccount({ minimum_due: '1000.01' })).bodyHash).not.toBe(recordOf(rawAccount()).bodyHash);
  });
});

describe('a payment', () => {
  it('is taken with what it says', () => {
    expect(recordOf(rawPayment())).toMatchObject({ kind: 'payment', amount: 40_000, remainingMinimumDue: null });
    expect(recordOf(rawReversal())).toMatchObject({ kind: 'reversal', reversalOf: 'P1' });
  });
  test.each(['0', '-5', '-0'])('of %s is refused', (amount) => {
    expect(problemsOf(rawPayment({ amount })).map((p) => p.field)).toEqual(['amount']);
  });
});

it('a sequence of the bank may have fifteen digits, and no more', () => {
  expect(recordOf(rawPayment({ bank_sequence: '999999999999999' })).bankSequence).toBe(999_999_999_999_999);
  expect(problemsOf(rawPayment({ bank_sequence: '1000000000000000' }))).toMatchObject([{ field: 'bank_sequence' }]);
});

it('a record of no known kind is refused', () => {
  expect(problemsOf({ foo: 'x' })[0]?.field).toBe('record');
  expect(problemsOf({ ...rawPayment(), record: 'gift' })[0]?.field).toBe('record');
});

test.each<[string, RawRecord]>([
  ['payment', { ...rawPayment(), record: ' payment ' }],
  ['payment', { ...rawPayment(), record: '  ', reversal_of: ' ' }],
])('blanks make no other kind of record than %s', (kind, raw) => {
  expect(recordOf(raw).kind).toBe(kind);
});

it('a hint shows kinds and lengths only, also in fields that are impersonal', () => {
  expect(hintOf('13800138000')).toBe('11 digits');
  expect(hintOf('31 Feb')).toBe('2 digits, 1 space, 3 letters');
  expect(hintOf('王小明')).toBe('3 letters');
  expect(hintOf('Y3\u200b')).toBe('1 letter, 1 digit, 1 invisible');
  expect(hintOf('a1'.repeat(99))).toMatch(/… of 198 characters$/);
});
