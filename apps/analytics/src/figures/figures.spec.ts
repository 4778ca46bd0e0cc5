import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import fc from 'fast-check';
import { placeIn } from '../projection/place.js';
import { eventBook, type Life } from '../testing/event-book.js';
import { lives } from '../testing/lives.js';
import { MemoryViews, memoryReads } from '../testing/memory-reads.js';
import { naiveFigures } from '../testing/naive-figures.js';
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
  it('equals what a script counts straight from the facts, for any history and any period', async () => {
    await fc.assert(
      fc.asyncProperty(
        lives(5),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 6 }),
        async (book, start, length) => {
          const events = eventBook(book);
          const day = (n: number) => new Date(Date.UTC(2026, 10, 2 + n)).toISOString().slice(0, 10);
          const period = { from: day(start), to: day(start + length) };
          const { figures } = await figuresOfEvents(events, ask(period.from, period.to));
          const naive = naiveFigures(events, period);
          for (const [id, [numerator, denominator]] of Object.entries(naive)) {
            const found = figures.find((figure) => figure.id === id);
            expect([id, found?.numerator ?? 0, found?.denominator ?? null]).toEqual([
              id,
              numerator,
              found === undefined ? null : denominator,
            ]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

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

  it('gives the uplift as treated less holdout, with its interval', async () => {
    const book = [
      one({ pays: 'all' }),
      one({}, { debtor: 1, holdout: true }),
      one({ pays: 'all' }, { debtor: 2, holdout: true }),
    ];
    const { figures } = await figuresOfEvents(eventBook(book), ask('2026-11-02', '2026-11-02'));
    const uplift = figures.find((f) => f.id === 'uplift');
    expect(uplift?.value).toBe(0.5);
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

  it('agrees with the published example of Newcombe: 56/70 − 48/80 is 0.0524 to 0.3339', () => {
    const [low, high] = differenceInterval({ cured: 56, of: 70 }, { cured: 48, of: 80 });
    expect(low).toBeCloseTo(0.0524, 3);
    expect(high).toBeCloseTo(0.3339, 3);
  });
});
