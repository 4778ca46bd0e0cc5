/** Answers as people read them. */
import type { History } from '@mora/service';
import type { Words } from './methods.js';
import { money, sheet, table } from './print.js';
import { figuresShown } from './show-figures.js';
import { historyShown } from './show-history.js';
import { inBankTime } from './times.js';
import { say } from './words.js';

type Row = Readonly<Record<string, unknown>>;

const rows = (value: unknown): readonly Row[] => (Array.isArray(value) ? (value as Row[]) : []);

/** Columns by their names in the answer; `name=heading` where people read another word. */
const pickColumns = (columns: readonly string[]) => {
  const picked = columns.map((column) => column.split('=') as [string, string?]);
  return (answer: unknown): string =>
    rows(answer).length === 0
      ? say('nothing')
      : table(
          picked.map(([name, heading]) => heading ?? name.replaceAll('_', ' ')),
          rows(answer).map((row) => picked.map(([name]) => cell(row[name]))),
        );
};

/** An amount of the views, in minor units, with its currency. */
const withMoney =
  (field: string) =>
  (row: Row): Row =>
    typeof row[field] === 'number' ? { ...row, [field]: money(row[field], String(row['currency'] ?? '')) } : row;

const CALL_COLUMNS = ['attempt_id=call', 'originated_at', 'status', 'disposition', 'voice', 'script', 'talk_ms'];

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
  const { call, turns, verdict, words } = answer as {
    call: Row;
    turns: Row[];
    verdict: Row | null;
    words?: readonly Words[];
  };
  const said = table(
    ['#', 'at', 'state', 'wording', 'intent', 'confidence', 'next'],
    turns.map((t) => [t['index'], t['at'], t['state'], t['wordingId'], t['intent'], t['confidence'], t['nextState']]),
  );
  const talk =
    words === undefined ? say('words are masked; --reveal shows them') : words.flatMap(dialogueLines).join('\n');
  const rules =
    verdict === null
      ? say('no stored verdict')
      : `${say('verdict: {result} at {at}', { result: verdict['result'], at: inBankTime(verdict['at']) })}\n${rulesTable(verdict['rules'])}`;
  return [sheet(call), ...(turns.length > 0 ? [said, talk] : [say('no conversation')]), rules].join('\n');
};

const dialogueLines = ({ index, said, heard }: Words): readonly string[] => [
  ...(said === null ? [] : [`${index} ${say('robot')}: ${said}`]),
  ...(heard === null ? [] : [`${index} ${say('debtor')}: ${heard}`]),
];

const caseShown = (answer: unknown): string => {
  const { case: one, calls, sms, promises, timeline } = answer as Record<string, Row[]> & { case: Row };
  return [
    sheet(one),
    say('calls'),
    pickColumns(CALL_COLUMNS)(calls),
    'SMS',
    pickColumns(['sms_id=SMS', 'trigger_id=trigger', 'variant', 'status', 'submitted_at', 'receipt'])(sms),
    say('promises'),
    pickColumns(['promise_id=promise', 'amount', 'promised_for', 'state', 'paid'])(
      rows(promises).map(withMoney('amount')).map(withMoney('paid')),
    ),
    say('timeline'),
    table(
      ['at', 'event', 'what'],
      rows(timeline).map((t) => [t['at'], t['type'], t['text']]),
    ),
  ].join('\n');
};

const whyShown = (answer: unknown): string => {
  const why = answer as { debtorId: string; day: string; because: string[]; verdicts: Row[]; stops: Row[] };
  return [
    say('debtor {debtorId} on {day}', { debtorId: why.debtorId, day: why.day }),
    ...why.because.map((b) => `  · ${b}`),
    ...why.verdicts.map(
      (v) => `${v['channel']} ${v['contactId']} · ${inBankTime(v['at'])}: ${v['result']}\n${rulesTable(v['rules'])}`,
    ),
    why.stops.length > 0 ? `${say('stops')}\n${pickColumns(['kind', 'scope', 'since'])(why.stops)}` : say('no stops'),
  ].join('\n');
};

const oracleShown = (answer: unknown): string => {
  const report = answer as { clean: boolean; violations: Row[]; counts: Row };
  return [
    report.clean ? say('clean: no violation') : say('{n} violations', { n: report.violations.length }),
    ...(report.clean
      ? []
      : [pickColumns(['kind', 'contactId', 'businessAt', 'because'])(report.violations.slice(0, 20))]),
    sheet(report.counts),
  ].join('\n');
};

const parkedShown = (answer: unknown): string => {
  const { inputs, total } = answer as { inputs: Row[]; total: number };
  const shown = pickColumns(['id', 'from', 'place', 'problems', 'state'])(
    inputs.map((row) => {
      const { name, offset } = row['channel'] as { name: string; offset: number };
      const problems = rows(row['problems']).map((p) => `${p['field']} ${p['reason']}`);
      return { ...row, from: name, place: offset, problems: problems.join('; ') };
    }),
  );
  return total === 0 ? shown : `${shown}\n${say('{n} of {total}', { n: inputs.length, total })}`;
};

/** How each method's answer is shown; others as a sheet. */
export const SHOWN: Readonly<Record<string, (answer: unknown) => string>> = {
  'cases.list': (answer) =>
    pickColumns(['case_id=case', 'account_id=account', 'state', 'tier', 'dpd', 'unpaid', 'label', 'score', 'attempts'])(
      rows(answer).map(withMoney('unpaid')),
    ),
  'cases.show': caseShown,
  'calls.list': pickColumns(['debtor_id=debtor', ...CALL_COLUMNS]),
  'calls.show': callShown,
  why: whyShown,
  'parked.list': parkedShown,
  'feeds.list': (answer) => {
    const { stopped, timers } = answer as { readonly stopped: unknown; readonly timers: unknown };
    return [
      pickColumns(['service', 'processor', 'source', 'shard', 'reason'])(rows(stopped)),
      pickColumns(['service', 'stream', 'name', 'dueAt=due', 'tries', 'wakeAt=next', 'error'])(rows(timers)),
    ].join('\n');
  },
  'history.show': (answer) => historyShown(answer as readonly History[]),
  'history.confirm': (answer) => {
    const { shown: history, imported } = answer as { readonly shown: readonly History[]; readonly imported: number };
    return `${historyShown(history)}\n${say('confirmed; {n} contacts count as made', { n: imported })}`;
  },
  'views.list': (answer) => (answer as string[]).join('\n'),
  oracle: oracleShown,
  figures: figuresShown,
};

export const shown = (method: string, answer: unknown): string =>
  (Object.hasOwn(SHOWN, method) ? SHOWN[method]?.(answer) : undefined) ??
  (typeof answer === 'object' && answer !== null ? sheet(answer as Row) : String(answer));
