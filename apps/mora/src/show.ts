/** Answers as people read them. */
import { percent, sheet, table } from './print.js';

type Row = Readonly<Record<string, unknown>>;

const rows = (value: unknown): readonly Row[] => (Array.isArray(value) ? (value as Row[]) : []);

const pickColumns =
  (columns: readonly string[]) =>
  (answer: unknown): string =>
    rows(answer).length === 0
      ? 'nothing'
      : table(
          columns,
          rows(answer).map((row) => columns.map((c) => cell(row[c]))),
        );

const cell = (value: unknown): unknown => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);

const rulesTable = (rules: unknown): string =>
  table(
    ['rule', 'result', 'limit', 'confirmed', 'reserved', 'exception'],
    rows(rules).map((r) => {
      const counter = r['counter'] as { confirmed: number; reserved: number } | null;
      return [r['ruleId'], r['result'], r['limit'], counter?.confirmed, counter?.reserved, r['exception']];
    }),
  );

const callShown = (answer: unknown): string => {
  const { call, turns, verdict } = answer as { call: Row; turns: Row[]; verdict: Row | null };
  const said = table(
    ['#', 'at', 'state', 'wording', 'intent', 'confidence', 'next'],
    turns.map((t) => [t['index'], t['at'], t['state'], t['wordingId'], t['intent'], t['confidence'], t['nextState']]),
  );
  const rules =
    verdict === null
      ? 'no stored verdict'
      : `verdict: ${verdict['result']} at ${verdict['at']}\n${rulesTable(verdict['rules'])}`;
  return [sheet(call), turns.length > 0 ? said : 'no conversation', rules].join('\n');
};

const caseShown = (answer: unknown): string => {
  const { case: one, calls, sms, promises, timeline } = answer as Record<string, Row[]> & { case: Row };
  return [
    sheet(one),
    'calls',
    pickColumns(['attemptId', 'dialedAt', 'disposition', 'voice', 'script', 'talkMs'])(calls),
    'SMS',
    pickColumns(['smsId', 'trigger', 'variant', 'submittedAt', 'state'])(sms),
    'promises',
    pickColumns(['promiseId', 'amount', 'date', 'result'])(promises),
    'timeline',
    table(
      ['at', 'event', 'what'],
      rows(timeline).map((t) => [t['at'], t['type'], t['text']]),
    ),
  ].join('\n');
};

const whyShown = (answer: unknown): string => {
  const why = answer as { debtorId: string; day: string; because: string[]; verdicts: Row[]; stops: Row[] };
  return [
    `debtor ${why.debtorId} on ${why.day}`,
    ...why.because.map((b) => `  · ${b}`),
    ...why.verdicts.map(
      (v) => `${v['channel']} ${v['contactId']} at ${v['at']}: ${v['result']}\n${rulesTable(v['rules'])}`,
    ),
    why.stops.length > 0 ? `stops\n${pickColumns(['kind', 'scope', 'since'])(why.stops)}` : 'no stops',
  ].join('\n');
};

const oracleShown = (answer: unknown): string => {
  const report = answer as { clean: boolean; violations: Row[]; counts: Row };
  return [
    report.clean ? 'clean: no violation' : `${report.violations.length} violations`,
    ...(report.clean
      ? []
      : [pickColumns(['kind', 'contactId', 'businessAt', 'because'])(report.violations.slice(0, 20))]),
    sheet(report.counts),
  ].join('\n');
};

/** How each method's answer is shown; others as a sheet. */
export const SHOWN: Readonly<Record<string, (answer: unknown) => string>> = {
  'cases.list': pickColumns([
    'caseId',
    'accountId',
    'state',
    'tier',
    'dpd',
    'unpaidMinimum',
    'currency',
    'label',
    'score',
    'attempts',
  ]),
  'cases.show': caseShown,
  'calls.list': pickColumns(['attemptId', 'debtorId', 'dialedAt', 'disposition', 'tier', 'voice', 'script', 'talkMs']),
  'calls.show': callShown,
  why: whyShown,
  'parked.list': pickColumns(['id', 'kind', 'name', 'offset', 'field', 'reason', 'state']),
  'views.list': (answer) => (answer as string[]).join('\n'),
  oracle: oracleShown,
};

export const shown = (method: string, answer: unknown): string =>
  SHOWN[method]?.(answer) ?? (typeof answer === 'object' && answer !== null ? sheet(answer as Row) : String(answer));

interface FigureLine {
  readonly name: string;
  readonly value: number | null;
  readonly numerator?: number | null;
  readonly denominator?: number | null;
}

/** Figures of a day, one line each. */
export const figureTable = (figures: readonly FigureLine[]): string =>
  table(
    ['figure', 'value', 'of'],
    figures.map((f) => [
      f.name,
      f.denominator ? percent(f.numerator ?? 0, f.denominator) : f.value,
      f.denominator ? `${f.numerator} / ${f.denominator}` : '',
    ]),
  );
