import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@mora/contracts';
import fc from 'fast-check';
import { placeIn } from '../projection/place.js';
import { caseIdOfDebtor, eventBook, type Life } from '../testing/event-book.js';
import { lives } from '../testing/lives.js';
import { MemoryViews } from '../testing/memory-reads.js';
import { VIEWS } from './all.js';
import { caseState } from './cases.view.js';

const place = placeIn('Asia/Shanghai');

/** Another interleaving of the sources that keeps the order inside each. */
const interleaved = (events: readonly EventEnvelope[], picks: readonly number[]): readonly EventEnvelope[] => {
  const queues = [...Map.groupBy(events, (event) => event.source).values()].map((queue) => [...queue]);
  const out: EventEnvelope[] = [];
  for (let i = 0; queues.some((queue) => queue.length > 0); i++) {
    const open = queues.filter((queue) => queue.length > 0);
    const next = open[(picks[i % picks.length] ?? 0) % open.length]?.shift();
    if (next !== undefined) out.push(next);
  }
  return out;
};

describe('views', () => {
  it('give the same rows however the sources interleave', () => {
    fc.assert(
      fc.property(lives(3), fc.array(fc.nat(20), { minLength: 1, maxLength: 40 }), (book, picks) => {
        const events = eventBook(book);
        const live = new MemoryViews(place).take(events);
        const rebuilt = new MemoryViews(place).take(interleaved(events, picks));
        expect(rebuilt.snapshot()).toEqual(live.snapshot());
      }),
      { numRuns: 60 },
    );
  });

  it('give the same rows in one batch as event by event', () => {
    fc.assert(
      fc.property(lives(3), (book) => {
        const events = eventBook(book);
        const single = new MemoryViews(place);
        for (const event of events) single.take([event]);
        expect(single.snapshot()).toEqual(new MemoryViews(place).take(events).snapshot());
      }),
      { numRuns: 30 },
    );
  });

  it('take every fact of a history without a fault', () => {
    fc.assert(
      fc.property(lives(4), (book) => {
        expect(new MemoryViews(place).take(eventBook(book)).faults).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('never reject a fact: one that cannot be read is noted and its row stays', () => {
    const [good, ...rest] = eventBook([lifeOf('all')]);
    const broken = { ...(good as EventEnvelope), source: 'guard', type: 'ContactDenied', data: null };
    const views = new MemoryViews(place).take([good as EventEnvelope, broken, ...rest]);
    expect(views.faults.map((fault) => fault.event)).toContain(broken);
    expect(views.rows('cases')).toHaveLength(1);
  });

  it.each([
    ['nothing', 'open', null],
    ['part', 'open', null],
    ['all', 'cured', 1],
    ['reversed', 'open', null],
  ] as const)('show a case that paid %s as %s', (pays, state, curedDpd) => {
    const row = new MemoryViews(place).take(eventBook([lifeOf(pays)])).rows('cases')[0];
    expect(row?.['case_id']).toBe(caseIdOfDebtor(0));
    expect(caseState(row as never)).toBe(state);
    expect(row?.['cured_dpd']).toBe(curedDpd);
  });

  it('show what the bank says of an account today: what is due, and of what', () => {
    const events = eventBook([lifeOf('nothing')]);
    const opened = events.find((event) => event.type === 'CaseOpened') as EventEnvelope;
    const { facts, ...rest } = opened.data as { readonly facts: Readonly<Record<string, unknown>> };
    const reported = {
      ...opened,
      type: 'AccountReported',
      data: { ...rest, facts: { ...facts, minimumDue: 7, statementBalance: 8, creditLimit: null }, unpaidMinimum: 5 },
    };
    const [row] = new MemoryViews(place).take([opened, reported]).rows('cases');
    expect(row).toMatchObject({ minimum_due: 7, statement_balance: 8, credit_limit: null, unpaid: 5 });
  });

  it('hold no column that is written by two sources', () => {
    const writers = new Map<string, Set<string>>();
    const shared = new Set(['case_id', 'debtor_id', 'account_id', 'shard']);
    fc.assert(
      fc.property(lives(2), (book) => {
        for (const event of eventBook(book)) {
          for (const view of VIEWS) {
            if (!view.types.includes(`${event.source}.${event.type}`)) continue;
            for (const key of view.keysOf(event, place))
              note(view.name, view.key, event, view.evolve(null, event, key, place));
          }
        }
      }),
      { numRuns: 20 },
    );
    const note_ = [...writers].filter(([, sources]) => sources.size > 1).map(([column]) => column);
    // sums and flags that only ever grow may have two writers
    expect(note_.filter((column) => !/^(daily_figures|debtor_days\.contacts|case_days\.rpc)/.test(column))).toEqual([]);

    function note(view: string, key: readonly string[], event: EventEnvelope, row: object | null): void {
      for (const [column, value] of Object.entries(row ?? {})) {
        if (value === null || value === 0 || value === false || key.includes(column) || shared.has(column)) continue;
        const name = `${view}.${column}`;
        writers.set(name, (writers.get(name) ?? new Set()).add(event.source));
      }
    }
  });
});

const lifeOf = (pays: Life['days'][number]['pays']): Life => ({
  debtor: 0,
  holdout: false,
  currency: 'CNY',
  unpaid: 1_000,
  days: [{ tier: 'L', calls: [], sms: 'none', promise: 'none', pays, stop: 'none' }],
});
