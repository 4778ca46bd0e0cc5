import { describe, expect, it, test } from '@jest/globals';
import type { LoadState, LoadSummary } from './answers.js';
import { exitCodeOf, load, progressLine, summaryShown } from './load.js';

const COUNTS = { read: 0, accepted: 0, superseded: 0, duplicates: 0, parked: 0 };
const PROGRESS = { ...COUNTS, bytesRead: 0, bytesTotal: 9, rows: 20_000 };
const problem = (line: number) => ({
  file: 'book.csv',
  line,
  field: 'due_date',
  reason: 'is no day',
  value: '2 digits, 1 space, 3 letters',
  mend: 'write it as 2026-11-02',
});
const SUMMARY: LoadSummary = {
  ...COUNTS,
  file: 'book.csv',
  encoding: 'gb18030',
  separator: 'TAB',
  dryRun: false,
  read: 115,
  accepted: 0,
  parked: 115,
  byReason: { 'due_date is no day': 115 },
  problems: Array.from({ length: 20 }, (_, i) => problem(i + 2)),
  problemCount: 115,
  ignoredColumns: ['sex'],
  unusedWords: ['帐号'],
};

describe('a load', () => {
  it('is looked at until it is over, however often that takes', async () => {
    const states: LoadState['state'][] = ['loading', 'loading', 'done'];
    const told: number[] = [];
    const call = async (method: string) =>
      method === 'load.begin'
        ? { loadId: 'L1' }
        : {
            state: states.shift(),
            progress: PROGRESS,
            problems: [],
            problemCount: 0,
            problemsKept: 0,
            summary: SUMMARY,
          };
    const request = { path: '/book.csv', dryRun: false, exactIds: false };
    const ended = await load(call, request, { problemsPath: null, tell: ({ rows }) => told.push(rows) });
    expect([ended.state, told]).toEqual(['done', [20_000, 20_000, 20_000]]);
  });

  test.each([
    ['every row taken', 'done', { accepted: 3 }, 0],
    ['every row known already', 'done', { duplicates: 3 }, 0],
    ['one row parked', 'done', { accepted: 2, parked: 1 }, 1],
    ['broken off', 'failed', { accepted: 2 }, 1],
    ['every row parked', 'done', { parked: 3 }, 2],
    ['no rows', 'done', {}, 2],
    ['refused', 'refused', {}, 2],
  ] as const)('with %s ends so that a script can tell', (_, state, counts, code) => {
    expect(exitCodeOf({ state, progress: { ...PROGRESS, ...counts }, summary: null })).toBe(code);
  });

  it('shows the first twenty problems and how many more there are', () => {
    const shown = summaryShown(SUMMARY, 0, null);
    expect(shown.split('\n').filter((line) => line.includes('write it as'))).toHaveLength(20);
    expect(shown).toMatch(
      /115 rows: 0 taken, 0 known already, 115 parked\ncolumns not read: sex\n--map names columns that are not there: 帐号\n/,
    );
    expect(shown).toMatch(/and 95 more: --problems FILE writes all of them$/);
    expect(summaryShown(SUMMARY, 115, 'p.csv')).toMatch(/and 95 more; 115 problems written to p\.csv$/);
  });

  it('tells how far it is', () => {
    expect(progressLine({ ...PROGRESS, read: 5_000, accepted: 4_990, parked: 10 })).toBe(
      '5,000 of 20,000 rows (25 %) · taken 4,990 · known 0 · parked 10',
    );
  });
});
