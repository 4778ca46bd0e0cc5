import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { placeIn } from '../projection/place.js';
import { eventBook } from '../testing/event-book.js';
import { lives } from '../testing/lives.js';
import { MemoryViews, memoryReads } from '../testing/memory-reads.js';
import { type NaiveFigures, naiveFigures } from '../testing/naive-figures.js';
import { type Figure, figuresOf } from './figures.js';

const place = placeIn('Asia/Shanghai');
const NOW = { asOf: '2026-11-20T00:00:00.000Z', today: '2026-11-20' };
const dayOf = (n: number): string => new Date(Date.UTC(2026, 10, 2 + n)).toISOString().slice(0, 10);
const RESTATED = [
  'kept_rate',
  'kept_rate_amount',
  'promises_kept',
  'paid_amount',
  'complaint_rate',
  'stop_request_rate',
  'sms_delivery_rate',
  'dialed',
];
const PER_CURRENCY = /amount|recovery/;
const keyOf = ({ id, currency }: Pick<Figure, 'id' | 'currency'>): string =>
  PER_CURRENCY.test(id) ? `${id} ${currency}` : id;
const close = (value: number): number => Math.round(value * 1e6) / 1e6;

/** Every figure that the script knows, and no amount in a currency that it does not. */
const expectNaive = (figures: readonly Figure[], naive: NaiveFigures): void => {
  for (const [key, [numerator, denominator]] of Object.entries(naive)) {
    const found = figures.filter((f) => keyOf(f) === key);
    const [one] = found;
    const shown = key === 'uplift' ? (one?.value ?? 0) : (one?.numerator ?? 0);
    expect([key, found.length, close(shown)]).toEqual([key, 1, close(numerator)]);
    if (denominator !== null) expect([key, close(one?.denominator ?? 0)]).toEqual([key, close(denominator)]);
  }
  for (const f of figures.filter(({ id }) => PER_CURRENCY.test(id) && id !== 'promises_open_amount'))
    if (naive[keyOf(f)] === undefined) expect([keyOf(f), f.numerator, f.denominator ?? 0]).toEqual([keyOf(f), 0, 0]);
};

describe('figures beside a script that counts from the definitions', () => {
  it('equals what a script counts straight from the definitions, for any history, period and present', async () => {
    await fc.assert(
      fc.asyncProperty(lives(5), fc.nat(9), fc.nat(6), fc.nat(18), async (book, start, length, now) => {
        const events = eventBook(book);
        const period = { from: dayOf(start), to: dayOf(start + length) };
        const { figures } = await figuresOf(
          memoryReads(new MemoryViews(place).take(events)),
          { period, cut: null, simulated: true },
          {
            asOf: NOW.asOf,
            today: dayOf(now),
          },
        );
        expectNaive(figures, naiveFigures(events, period, dayOf(now)));
      }),
      { numRuns: 150 },
    );
  });

  it('shows beside a restated figure what its period said when its last day was over', async () => {
    await fc.assert(
      fc.asyncProperty(lives(4), fc.nat(9), fc.nat(3), async (book, start, length) => {
        const events = eventBook(book);
        const period = { from: dayOf(start), to: dayOf(start + length) };
        const { figures } = await figuresOf(
          memoryReads(new MemoryViews(place).take(events)),
          { period, cut: null, simulated: true },
          NOW,
        );
        const then = naiveFigures(
          events.filter((event) => place.day(event.meta.at) <= period.to),
          period,
          NOW.today,
        );
        for (const f of figures.filter(({ id }) => RESTATED.includes(id))) {
          const [numerator, denominator] = then[keyOf(f)] ?? [0, f.denominator === null ? null : 0];
          const was = f.restated ?? f;
          expect([keyOf(f), was.numerator, was.denominator]).toEqual([keyOf(f), numerator, denominator]);
          expect(f.restated !== null).toBe(f.numerator !== numerator || f.denominator !== denominator);
        }
      }),
      { numRuns: 100 },
    );
  });
});
