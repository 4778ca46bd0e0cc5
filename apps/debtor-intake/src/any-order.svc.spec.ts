/** Records of one customer in any order of arrival: the bank's newest word on each field stands, as if they had come in order. */
import { afterEach, describe, expect, it, test } from '@jest/globals';
import { contentHashOf, debtorIdOf, seededSecrets } from '@mora/keys';
import * as fc from 'fast-check';
import type { RawRecord } from './bank-record/record.js';
import { intakeWorld, stopWorlds } from './testing/intake-world.fixture.js';
import { rawAccount } from './testing/samples.js';

afterEach(stopWorlds);

type World = Awaited<ReturnType<typeof intakeWorld>>;
type Words = Readonly<Record<string, string>>;
interface Spoken {
  readonly sequence: number;
  readonly account: 'A' | 'B';
  readonly words: Words;
}

/** Of each field two words and, where there is one, that of silence's own value. */
const DEBTOR_WORDS: Readonly<Record<string, readonly string[]>> = {
  name: ['张伟', '欧阳明'],
  surname: ['张', '欧阳'],
  salutation: ['先生', '女士'],
  language: ['zh-CN', 'en'],
  time_zone: ['Asia/Shanghai', 'Asia/Urumqi'],
  phones: ['none', '+999100003021|registered|1', '+999100003022|other-own|2'],
  agreed_windows: ['none', '18:00|20:00|call|', '09:00|10:00|sms|'],
  consents: ['none', 'ai-voice|2027-01-01'],
};
const CASE_WORDS: Readonly<Record<string, readonly string[]>> = {
  statement_balance: ['0.00', '5000.00'],
  tolerance: ['1.00', '2.00'],
  offers: ['none', '分3期'],
  flags: ['none', 'plan|bank|2026-11-01|'],
  card_status: ['unknown', 'stopped'],
  autopay: ['on', 'off'],
  autopay_next_try_at: ['2026-11-03T02:00:00.000Z', '2026-11-03T08:00:00.000Z'],
  recorded_months: ['0', '24'],
};

const wordsOf = (all: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<Words> =>
  fc.record(Object.fromEntries(Object.entries(all).map(([field, words]) => [field, fc.constantFrom(...words)])), {
    requiredKeys: [],
  }) as fc.Arbitrary<Words>;

const ofA = (sequence: number, words: Words): Spoken => ({ sequence, account: 'A', words });
/** What once came out otherwise: an older word that fills the silence of the newest, or comes behind one that was said again. */
const FOUND: readonly (readonly Spoken[])[] = [
  [
    ofA(1, { consents: 'none' }),
    ofA(3, { consents: 'none', language: 'en' }),
    ofA(2, { consents: 'ai-voice|2027-01-01' }),
  ],
  [ofA(2, {}), ofA(1, { statement_balance: '0.00' })],
  [ofA(3, {}), ofA(2, { offers: 'none' }), ofA(1, { offers: '分3期' })],
  [ofA(3, { autopay: 'on' }), ofA(1, { autopay_next_try_at: '2026-11-03T02:00:00.000Z' }), ofA(2, { autopay: 'off' })],
  [ofA(2, { autopay_next_try_at: '2026-11-03T02:00:00.000Z' }), ofA(1, { autopay: 'off' })],
];

/** Of distinct orders, in any order of arrival. */
const records: fc.Arbitrary<readonly Spoken[]> = fc.uniqueArray(
  fc.record({
    sequence: fc.integer({ min: 1, max: 8 }),
    account: fc.constantFrom('A' as const, 'B' as const),
    words: fc
      .tuple(wordsOf(DEBTOR_WORDS), wordsOf(CASE_WORDS))
      .map(([debtor, facts]): Words => ({ ...debtor, ...facts })),
  }),
  { selector: ({ sequence }) => sequence, minLength: 2, maxLength: 6 },
);

const SILENT = rawAccount({ name: '', surname: '', salutation: '', phones: '', statement_balance: '', dpd: '' });
const rawOf = (customer: string, { sequence, account, words }: Spoken): RawRecord => ({
  record: 'account',
  ...SILENT,
  minimum_due: '500.00',
  bank_event_id: `EV-${customer}-${sequence}`,
  bank_sequence: String(sequence),
  customer_no: customer,
  account_id: `${account}-${customer}`,
  ...words,
});

const inbound = (raws: readonly RawRecord[]) =>
  raws.map((raw, i) => ({ raw, channel: { kind: 'file', name: 'any.csv', offset: i + 2 } as const }));

type Data = Readonly<Record<string, unknown>>;
interface Stood {
  readonly debtor: Data;
  readonly cases: readonly Data[];
}

const { pepper, newKey } = seededSecrets('test');

/** What stands of a customer, in words that are the same for every customer. */
const stoodOf = (world: World, customer: string): Stood => {
  const id = debtorIdOf(pepper, customer);
  const key = newKey(id);
  const events = world.events.filter(({ subject }) => subject === id);
  const dataOf = (types: readonly string[], accountId?: string) =>
    events
      .filter(
        ({ type, data }) =>
          types.includes(type) && (accountId === undefined || (data as Data)['accountId'] === accountId),
      )
      .map(({ type, data }) => ({ type, ...(data as Data) }) as Data);
  const said = dataOf(['DebtorRecorded']).at(-1)!;
  const names = Object.fromEntries(
    ['', ...DEBTOR_WORDS['name']!].map((name) => [contentHashOf(key, `name|${name}`), name]),
  );
  const surnames = Object.fromEntries(
    ['', ...DEBTOR_WORDS['surname']!].map((name) => [contentHashOf(key, `surname|${name}`), name]),
  );
  const { salutation, language, timeZone, timeZoneBasis, agreedWindows, consents } = said;
  return {
    debtor: {
      name: names[String(said['nameHash'])],
      surname: surnames[String(said['surnameHash'])],
      phones: (said['phones'] as readonly Data[]).map(({ kind }) => kind),
      ...{ salutation, language, timeZone, timeZoneBasis, agreedWindows, consents },
    },
    cases: ['A', 'B'].flatMap((account) => {
      const accountId = `${account}-${customer}`;
      const facts = dataOf(['CaseOpened', 'AccountReported'], accountId).at(-1);
      if (facts === undefined) return [];
      const status = dataOf(['CaseOpened', 'CaseReopened', 'CaseClosed'], accountId).at(-1)!['type'];
      return [
        {
          account,
          facts: { ...(facts['facts'] as Data), accountId: account },
          unpaid: facts['unpaidMinimum'],
          closed: status === 'CaseClosed',
        },
      ];
    }),
  };
};

/** The last word on each field, by order; that autopay is off says also that it tries no more. */
const lastWords = (spoken: readonly Spoken[]): Words =>
  Object.fromEntries(
    [...spoken]
      .sort((a, b) => a.sequence - b.sequence)
      .flatMap(({ words }) =>
        Object.entries(words['autopay'] === 'off' ? { autopay_next_try_at: '', ...words } : words),
      ),
  );

describe('whatever the order in which records of a customer come', () => {
  it('the newest word on each field of him and of his accounts stands', async () => {
    const world = await intakeWorld();
    const other = await world.secondDoor();
    let customers = 0;
    const stoodAfter = async (arrivals: readonly (readonly Spoken[])[]): Promise<Stood> => {
      const customer = `C-${++customers}`;
      let door = 0;
      for (const arrival of arrivals) {
        const outcomes = await [world.intake, other][door++ % 2]!.submit(
          inbound(arrival.map((one) => rawOf(customer, one))),
        );
        expect(outcomes.map(({ result }) => result)).not.toContain('parked');
      }
      return stoodOf(world, customer);
    };
    /** One record of each account that says the last words: the account's own, and the customer's. */
    const expected = (spoken: readonly Spoken[]): Promise<Stood> => {
      const ofDebtor = Object.entries(lastWords(spoken)).filter(([field]) => field in DEBTOR_WORDS);
      const accounts = [...new Set(spoken.map(({ account }) => account))];
      return stoodAfter([
        accounts.map((account, i) => {
          const own = Object.entries(lastWords(spoken.filter((one) => one.account === account)));
          const facts = own.filter(([field]) => field in CASE_WORDS);
          return { sequence: i + 1, account, words: Object.fromEntries([...ofDebtor, ...facts]) };
        }),
      ]);
    };
    await fc.assert(
      fc.asyncProperty(records, fc.boolean(), async (spoken, atOnce) => {
        const stood = await stoodAfter(atOnce ? [spoken] : spoken.map((one) => [one]));
        expect(stood).toEqual(await expected(spoken));
      }),
      { numRuns: 80, examples: FOUND.map((spoken) => [spoken, false]) },
    );
  }, 60_000);

  const REPEATED = Object.entries({ ...DEBTOR_WORDS, ...CASE_WORDS }).filter(
    ([field]) => field !== 'autopay_next_try_at',
  );

  test.each(REPEATED)(
    '%s said again, unchanged, stands against an older word that comes late',
    async (field, words) => {
      const [known, late] = words.slice(-2) as [string, string];
      const said = (sequence: number, word: string, account: 'A' | 'B' = 'A'): Spoken => ({
        sequence,
        account,
        words: { [field]: word },
      });
      const ways: readonly (readonly Spoken[])[] = [
        [said(1, known), said(3, known), said(2, late)],
        ...(field in DEBTOR_WORDS ? [[said(1, known, 'B'), said(3, known), said(2, late, 'B')]] : []),
      ];
      const world = await intakeWorld();
      for (const [i, way] of ways.entries()) {
        for (const one of way) await world.intake.submit(inbound([rawOf(`C-${i}`, one)]));
        for (const one of way.slice(0, 2)) await world.intake.submit(inbound([rawOf(`D-${i}`, one)]));
        expect(stoodOf(world, `C-${i}`)).toEqual(stoodOf(world, `D-${i}`));
      }
    },
  );
});

describe('a day that changes nothing', () => {
  const daily = (sequence: number, words: Words): Spoken => ({ sequence, account: 'A', words });
  const said = { name: '张伟', phones: '+999100003021|registered|1' };

  it('raises no event of the customer', async () => {
    const world = await intakeWorld();
    for (const n of [1, 2, 3, 4]) await world.intake.submit(inbound([rawOf('C', daily(n, said))]));
    expect(world.types().filter((type) => type === 'DebtorRecorded')).toHaveLength(1);
  });

  it('is told by the next event of him, which it helped to decide', async () => {
    const world = await intakeWorld();
    const words = [said, said, { salutation: '女士' }, { name: '欧阳明', salutation: '先生' }];
    for (const [i, order] of [1, 5, 6, 4].entries())
      await world.intake.submit(inbound([rawOf('C', daily(order, words[i]!))]));
    const recorded = world.events.filter(({ type }) => type === 'DebtorRecorded').map(({ data }) => data);
    expect(recorded).toHaveLength(2);
    expect(recorded[1]).toMatchObject({
      said: ['salutation'],
      repeated: [{ businessDate: '2026-11-02', bankSequence: 5, accountId: 'A-C', fields: ['name', 'phones'] }],
    });
  });
});

it('an older record of an episode that has passed still says what nobody said of the customer since', async () => {
  const world = await intakeWorld();
  const phones = '+999100003021|registered|1';
  const next = { ...rawOf('C', { sequence: 3, account: 'A', words: {} }), due_date: '2026-11-02' };
  const passed = rawOf('C', { sequence: 1, account: 'A', words: { phones } });
  const outcomes = await world.intake.submit(inbound([next, passed]));
  expect(outcomes.map(({ result }) => result)).toEqual(['accepted', 'accepted']);
  expect(stoodOf(world, 'C').debtor['phones']).toEqual(['registered']);
  expect(world.types().filter((type) => type === 'CaseOpened')).toHaveLength(1);
});
