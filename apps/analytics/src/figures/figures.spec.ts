import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import fc from 'fast-check';
import { placeIn } from '../projection/place.js';
import { eventBook, type Life } from '../testing/event-book.js';
import { lives } from '../testing/lives.js';
import { MemoryViews, memoryReads } from '../testing/memory-reads.js';
import { figuresOf } from './figures.js';
import type { Question } from './reads.js';
import { differenceInterval } from './statistics.js';

const place = placeIn('Asia/Shanghai');
const NOW = { asOf: '2026-11-20T00:00:00.000Z', today: '2026-11-20' };
const ask = (from: string, to: string, more: Partial<Question> = {}): Question => ({
  period: { from, to },
  cut: null,
  simulated: true,
  ...more,
});
const project = (events: readonly EventEnvelope[]) => new MemoryViews(place).take(events);
const figuresOfEvents = (events: readonly EventEnvelope[], question: Question) =>
  figuresOf(memoryReads(project(events)), question, NOW);
const one = (life: Partial<Life['days'][number]>, more: Partial<Life> = {}): Life => ({
  debtor: 0,
  holdout: false,
  currency: 'CNY',
  unpaid: 1_000,
  days: [{ tier: 'L', calls: [], sms: 'none', promise: 'none', pays: 'nothing', stop: 'none', ...life }],
  ...more,
});
const call = (disposition: Life['days'][number]['calls'][number]['disposition'], rules = 1) => ({
  hour: 10,
  disposition,
  rules,
  talkMs: 30_000,
});

describe('figures', () => {
  it('sums the parts of an additive figure to its whole, whatever it is cut by', async () => {
    await fc.assert(
      fc.asyncProperty(
        lives(5),
        fc.constantFrom('day', 'hour', 'tier', 'term', 'arm', 'voice', 'script'),
        async (book, cut) => {
          const events = eventBook(book);
          const whole = await figuresOfEvents(events, ask('2026-11-01', '2026-11-30'));
          const parts = await figuresOfEvents(events, ask('2026-11-01', '2026-11-30', { cut: cut as 'day' }));
          for (const id of ['dialed', 'trunk_faults', 'talk_ms', 'denied']) {
            const sum = parts.figures.filter((f) => f.id === id).reduce((total, f) => total + f.numerator, 0);
            expect([id, sum]).toEqual([id, whole.figures.find((f) => f.id === id)?.numerator]);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves a trunk fault out of dialed and shows it beside', async () => {
    const events = eventBook([one({ calls: [call('trunk-fault'), call('no-answer')] })]);
    const { figures } = await figuresOfEvents(events, ask('2026-11-02', '2026-11-02'));
    expect(figures.find((f) => f.id === 'dialed')?.value).toBe(1);
    expect(figures.find((f) => f.id === 'trunk_faults')?.value).toBe(1);
  });

  it('counts a denial for every rule that denied, and as "only this rule" where no other did', async () => {
    const events = eventBook([one({ calls: [call('denied', 1), call('denied', 2)] })]);
    const { denials } = await figuresOfEvents(events, ask('2026-11-02', '2026-11-02'));
    expect(denials).toEqual([
      { rule: 'CN-HOURS', channel: 'call', denied: 2, onlyThisRule: 1 },
      { rule: 'CN-SMS', channel: 'call', denied: 1, onlyThisRule: 0 },
    ]);
  });

  it('never mixes real and simulated outcomes', async () => {
    const simulated = eventBook([one({ calls: [call('promised')] })]);
    const real = eventBook([one({ calls: [call('no-answer')] }, { debtor: 7 })], () => false);
    const views = new MemoryViews(place).take([...simulated, ...real]);
    const of = async (isSimulated: boolean) =>
      (
        await figuresOf(memoryReads(views), ask('2026-11-02', '2026-11-02', { simulated: isSimulated }), NOW)
      ).figures.find((f) => f.id === 'connect_rate');
    expect([(await of(true))?.numerator, (await of(true))?.denominator]).toEqual([1, 1]);
    expect([(await of(false))?.numerator, (await of(false))?.denominator]).toEqual([0, 1]);
  });

  it.each([
    [29, true],
    [30, false],
  ])('marks a rate over %i as few: %s', async (debtors, few) => {
    const book = Array.from({ length: debtors }, (_, debtor) => one({ calls: [call('no-answer')] }, { debtor }));
    const { figures } = await figuresOfEvents(eventBook(book), ask('2026-11-02', '2026-11-02'));
    expect(figures.find((f) => f.id === 'connect_rate')?.few).toBe(few);
  });

  it('says "no holdout" instead of a number where nobody is held out', async () => {
    const { figures } = await figuresOfEvents(eventBook([one({ pays: 'all' })]), ask('2026-11-02', '2026-11-02'));
    expect(figures.find((f) => f.id === 'uplift')).toMatchObject({ value: null, note: 'no holdout' });
  });

  it.each([
    ['over', 1],
    ['part', 0.5],
    ['reversed', 0],
    ['nothing', 0],
  ] as const)(
    'recovers of an account that pays %s the share %d of what it owed at entry, never more',
    async (pays, share) => {
      const { figures } = await figuresOfEvents(eventBook([one({ pays })]), ask('2026-11-02', '2026-11-02'));
      expect(figures.find((f) => f.id === 'recovery_rate')?.value).toBe(share);
    },
  );

  it('shows money uncapped on the day of its posting, and recovers nothing of what is posted after DPD 8', async () => {
    const rest = Array.from({ length: 8 }, () => one({}).days[0]!);
    const book = [{ ...one({}), days: [...rest, one({ pays: 'over' }).days[0]!] }];
    const { figures } = await figuresOfEvents(eventBook(book), ask('2026-11-02', '2026-11-10'));
    expect(figures.find((f) => f.id === 'recovery_rate')?.numerator).toBe(0);
    expect(figures.find((f) => f.id === 'paid_amount')?.value).toBe(3_000);
  });

  it.each([
    ['nothing', 1],
    ['part', 1],
    ['near', 0],
    ['all', 0],
    ['bounces', 1],
  ] as const)('an account that pays %s rolls: %d', async (pays, rolled) => {
    const { figures } = await figuresOfEvents(eventBook([one({ pays })]), ask('2026-11-02', '2026-11-02'));
    expect(figures.find((f) => f.id === 'roll_rate')).toMatchObject({ numerator: rolled, denominator: 1, note: null });
  });

  it('rolls no account whose DPD 9 has not come, and says so', async () => {
    const events = eventBook([one({}), one({ pays: 'all' }, { debtor: 1, enters: 1 })]);
    const reads = memoryReads(project(events));
    const on = async (today: string) =>
      (await figuresOf(reads, ask('2026-11-02', '2026-11-03'), { ...NOW, today })).figures.find(
        (f) => f.id === 'roll_rate',
      );
    expect(await on('2026-11-09')).toMatchObject({ value: null, denominator: 0, note: 'unfinished: 2' });
    expect(await on('2026-11-10')).toMatchObject({ value: 1, denominator: 1, note: 'unfinished: 1' });
  });

  it('compares only accounts that chance could have put into either group, weighed by 1/p', async () => {
    const book = [
      one({ pays: 'all' }),
      one({}, { debtor: 1 }),
      one({ pays: 'all' }, { debtor: 2, exempt: true }),
      one({ pays: 'all' }, { debtor: 3, exempt: true }),
      one({}, { debtor: 4, holdout: true }),
    ];
    const { figures } = await figuresOfEvents(eventBook(book), ask('2026-11-02', '2026-11-02'));
    expect(figures.find((f) => f.id === 'uplift')).toMatchObject({ note: 'accounts: treated 2, holdout 1' });
    expect(figures.find((f) => f.id === 'uplift')?.value).toBeCloseTo(0.5);
    expect(figures.find((f) => f.id === 'self_cure_rate')).toMatchObject({ value: 0, denominator: 50 });
  });

  it('takes no early cure for the rate of a holdout whose days are not over', async () => {
    const events = eventBook([one({ pays: 'all' }, { holdout: true }), one({}, { debtor: 1 })]);
    const { figures } = await figuresOf(memoryReads(project(events)), ask('2026-11-02', '2026-11-02'), {
      ...NOW,
      today: '2026-11-05',
    });
    for (const id of ['uplift', 'self_cure_rate'])
      expect(figures.find((f) => f.id === id)).toMatchObject({ value: null, note: 'unfinished: 1' });
  });

  it('gives the uplift as treated less holdout, with its interval', async () => {
    const book = [
      one({ pays: 'all' }),
      one({}, { debtor: 1, holdout: true }),
      one({ pays: 'all' }, { debtor: 2, holdout: true }),
    ];
    const { figures } = await figuresOfEvents(eventBook(book), ask('2026-11-02', '2026-11-02'));
    const uplift = figures.find((f) => f.id === 'uplift');
    expect(uplift?.value).toBeCloseTo(0.5);
    expect(uplift?.interval?.[0]).toBeLessThan(0.5);
    expect(figures.find((f) => f.id === 'self_cure_rate')?.value).toBe(0.5);
  });

  it('marks a cohort as unfinished until the last day is over', async () => {
    const views = memoryReads(project(eventBook([one({})])));
    const noteOn = async (today: string) =>
      (await figuresOf(views, ask('2026-11-02', '2026-11-02'), { ...NOW, today })).figures.find(
        (f) => f.id === 'cure_rate_8',
      )?.note;
    // due on 1 November: DPD 8 is 9 November
    expect(await noteOn('2026-11-09')).toBe('unfinished: 1');
    expect(await noteOn('2026-11-10')).toBeNull();
  });

  it('takes the mean and the median of talk over conversations only', async () => {
    const calls = [
      { ...call('machine'), talkMs: 9_000 },
      { ...call('hung-up-early'), talkMs: 1_000 },
      { ...call('promised'), talkMs: 20_000 },
      { ...call('refused'), talkMs: 40_000 },
    ];
    const { figures } = await figuresOfEvents(eventBook([one({ calls })]), ask('2026-11-02', '2026-11-02'));
    const shownOf = (id: string) => figures.find((f) => f.id === id)?.value;
    expect([shownOf('talk_ms'), shownOf('talk_ms_mean'), shownOf('talk_ms_median')]).toEqual([70_000, 30_000, 30_000]);
  });

  it('takes a result back on its own day when the promise is open again, with a mark and what it was', async () => {
    const { figures } = await figuresOfEvents(
      eventBook([one({ promise: 'bounced' }), one({ promise: 'kept' }, { debtor: 1 })]),
      ask('2026-11-03', '2026-11-03'),
    );
    expect(figures.find((f) => f.id === 'kept_rate')).toMatchObject({
      value: 1,
      numerator: 1,
      restated: { value: 1, numerator: 2, denominator: 2 },
    });
    const after = await figuresOfEvents(eventBook([one({ promise: 'bounced' })]), ask('2026-11-05', '2026-11-05'));
    expect(after.figures.find((f) => f.id === 'kept_rate')).toMatchObject({ value: 0, denominator: 1, restated: null });
  });

  it('counts a payment on the day of its posting, which it restates when it was told later', async () => {
    const events = eventBook([one({ pays: 'late' }, { enters: 1 })]);
    const paid = async (day: string) =>
      (await figuresOfEvents(events, ask(day, day))).figures.find((f) => f.id === 'paid_amount');
    expect(await paid('2026-11-02')).toMatchObject({ value: 500, restated: { value: 0 } });
    expect(await paid('2026-11-03')).toMatchObject({ value: 0, restated: null });
  });

  it('counts a complaint on the day of the last contact before it, which it restates', async () => {
    const book = [
      {
        ...one({}),
        days: [
          { ...one({ calls: [call('promised')] }).days[0]! },
          { ...one({ calls: [call('promised')], stop: 'early' }).days[0]! },
        ],
      },
    ];
    const rateOf = async (day: string) =>
      (await figuresOfEvents(eventBook(book), ask(day, day))).figures.find((f) => f.id === 'complaint_rate');
    expect(await rateOf('2026-11-02')).toMatchObject({ value: 10_000, restated: { value: 0 } });
    expect(await rateOf('2026-11-03')).toMatchObject({ value: 0, denominator: 1 });
  });

  it.each([
    [7, 1],
    [8, 0],
  ])('counts a complaint %i days after the last contact: %d', async (gap, counted) => {
    const quiet = Array.from({ length: gap - 1 }, () => one({}).days[0]!);
    const days = [one({ calls: [call('promised')] }).days[0]!, ...quiet, one({ stop: 'complaint' }).days[0]!];
    const { figures } = await figuresOfEvents(eventBook([{ ...one({}), days }]), ask('2026-11-02', '2026-11-02'));
    expect(figures.find((f) => f.id === 'complaint_rate')?.numerator).toBe(counted);
  });

  it('counts a third party who asks to stop among the stop requests', async () => {
    const events = eventBook([one({ calls: [call('promised')], stop: 'barred' })]);
    const { figures } = await figuresOfEvents(events, ask('2026-11-02', '2026-11-02'));
    expect(figures.find((f) => f.id === 'stop_request_rate')?.numerator).toBe(1);
  });

  it('counts people of the period, not of its days', async () => {
    const day = one({ calls: [call('promised')] }).days[0]!;
    const { figures } = await figuresOfEvents(
      eventBook([{ ...one({}), days: [day, day, day] }]),
      ask('2026-11-02', '2026-11-04'),
    );
    for (const id of ['due_debtors', 'due_accounts', 'outbound'])
      expect([id, figures.find((f) => f.id === id)?.value]).toEqual([id, 1]);
    expect(figures.find((f) => f.id === 'connect_rate_debtor')).toMatchObject({ numerator: 1, denominator: 1 });
  });

  it('counts an account once that was cured, opened again and cured again', async () => {
    const days = [one({ pays: 'reversed' }).days[0]!, one({ pays: 'all' }).days[0]!];
    const { figures } = await figuresOfEvents(eventBook([{ ...one({}), days }]), ask('2026-11-02', '2026-11-04'));
    expect(figures.find((f) => f.id === 'cured')?.value).toBe(1);
  });

  it('never sums two currencies', async () => {
    const book = [
      one({ promise: 'kept', pays: 'all' }),
      one({ promise: 'kept', pays: 'all' }, { debtor: 1, currency: 'JPY' }),
    ];
    const { figures } = await figuresOfEvents(eventBook(book), ask('2026-11-02', '2026-11-03'));
    for (const id of ['paid_amount', 'promised_amount', 'kept_rate_amount', 'recovery_rate'])
      expect([id, figures.filter((f) => f.id === id).map((f) => [f.currency, f.decimals])]).toEqual([
        id,
        [
          ['CNY', 2],
          ['JPY', 0],
        ],
      ]);
    expect(figures.filter((f) => f.id === 'kept_rate').map((f) => f.denominator)).toEqual([2]);
  });

  it('agrees with the published example of Newcombe: 56/70 − 48/80 is 0.0524 to 0.3339', () => {
    const [low, high] = differenceInterval({ cured: 56, of: 70 }, { cured: 48, of: 80 });
    expect(low).toBeCloseTo(0.0524, 3);
    expect(high).toBeCloseTo(0.3339, 3);
  });
});
