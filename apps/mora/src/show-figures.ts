/** Figures as people read them. */
import type { Figures } from './answers.js';
import { duration, money, percent, table } from './print.js';
import { inBankTime } from './times.js';
import { say } from './words.js';

type FigureLine = Figures['figures'][number];

type Shown = Pick<FigureLine, 'id' | 'unit' | 'currency'> & NonNullable<FigureLine['restated']>;

const rateOf = (value: number): string => `${(100 * value).toFixed(1)} %`;

const shownValue = (f: Shown, note: string | null = null): string => {
  if (f.value === null) return note === null ? '–' : noteOf(note);
  switch (f.unit) {
    case 'rate':
      return rateOf(f.value);
    case 'money':
      return money(f.value, f.currency);
    case 'ms':
      return duration(f.value);
    default:
      return f.value.toLocaleString('en-US', { maximumFractionDigits: 1 });
  }
};

const countOf = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

const quotientOf = (f: Shown): string => {
  if (f.denominator === null) return '';
  const ofMoney = /amount|recovery/.test(f.id);
  const part = (value: number) => (ofMoney ? money(value, f.currency) : countOf(value));
  return `${f.unit === 'ms' ? duration(f.numerator) : part(f.numerator)} / ${part(f.denominator)}`;
};

/** A note is a sentence with numbers in it: it is said in the reader's language. */
const noteOf = (note: string): string => {
  const numbers = [...note.matchAll(/\d+/g)].map(([n]) => n);
  let place = 0;
  const sentence = note.replace(/\d+/g, () => `{n${place++}}`);
  return say(sentence, Object.fromEntries(numbers.map((n, i) => [`n${i}`, n])));
};

const wasOf = (f: FigureLine): string => {
  if (f.restated === null) return '';
  const was = { ...f, ...f.restated };
  const quotient = quotientOf(was);
  const value = quotient === '' ? shownValue(was) : `${shownValue(was)} (${quotient})`;
  return say('restated, was {value}', { value });
};

const partsOf = (f: FigureLine): string =>
  [
    quotientOf(f),
    f.interval === null ? '' : say('{low} to {high}', { low: rateOf(f.interval[0]), high: rateOf(f.interval[1]) }),
    f.few ? say('(few)') : '',
    f.note === null || f.value === null ? '' : noteOf(f.note),
    wasOf(f),
  ]
    .filter((part) => part !== '')
    .join('  ');

/** `…`: the cohort has not reached that day yet. */
const curedBy = (cured: number, finished: number, entered: number): string =>
  `${percent(cured, entered)}${finished < entered ? '…' : ''}`;

/** Figures of a day, one line each; `(few)`: the denominator is below 30. */
export const figureTable = (figures: readonly FigureLine[]): string =>
  figures.some(({ cut }) => cut !== null)
    ? table(
        ['figure', '', 'cut', 'value', 'of'],
        figures.map((f) => [f.id, f.name, f.cut ?? say('all'), shownValue(f, f.note), partsOf(f)]),
      )
    : table(
        ['figure', '', 'value', 'of'],
        figures.map((f) => [f.id, f.name, shownValue(f, f.note), partsOf(f)]),
      );

export const cohortTable = (cohorts: Figures['cohorts']): string =>
  table(
    ['entered on', 'arm', 'accounts', 'cured by DPD 3', 'DPD 5', 'DPD 8', 'rolled', 'recovered', 'of'],
    cohorts.map((c) => [
      c.day,
      c.arm,
      c.entered,
      curedBy(c.cured3, c.finished3, c.entered),
      curedBy(c.cured5, c.finished5, c.entered),
      curedBy(c.cured8, c.finished8, c.entered),
      `${percent(c.rolled, c.mature)}${c.mature < c.entered ? '…' : ''}`,
      money(c.recovered, c.currency),
      money(c.entryUnpaid, c.currency),
    ]),
  );

export const figuresShown = (answer: unknown): string => {
  const { figures, cohorts, denials, period, asOf } = answer as Figures;
  return [
    say('figures of {from} to {to}, as of {asOf}', { ...period, asOf: inBankTime(asOf) }),
    figureTable(figures),
    deniedLine(denials),
    ...(cohorts.length > 0 ? [cohortTable(cohorts)] : []),
  ].join('\n');
};

/** Verdicts that said no, by rule; in brackets those that would have been allowed without it. */
export const deniedLine = (denials: Figures['denials']): string => {
  const rules = [...Map.groupBy(denials, ({ rule }) => rule)].map(([rule, among]) => {
    const sum = (of: 'denied' | 'onlyThisRule') => among.reduce((total, one) => total + one[of], 0);
    return `${rule} ${sum('denied')} (${sum('onlyThisRule')})`;
  });
  return say('denied by rule (alone): {rules}', { rules: rules.join(' · ') || say('none') });
};
