import { isZone } from '@mora/business-time';
import type { Strategy } from '../package/schema.js';
import { longestLength } from '../sms/templates.js';
import { forbiddenWordsIn } from './lint.js';

/** A fault found between values; `file` and `path` say where to look. */
export interface Fault {
  readonly file: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const unique = <Item>(items: readonly Item[]): boolean => new Set(items).size === items.length;

function* armFaults({ arms }: Strategy): Generator<Fault> {
  const sum = Object.values(arms.arms).reduce((total, arm) => total + arm.probability, 0);
  if (Math.abs(sum - 1) > 1e-9)
    yield { file: 'arms.yaml', path: ['arms'], message: `probabilities sum to ${sum}; make them sum to 1` };
  const fallback = arms.arms[arms.fallback];
  if (fallback === undefined || fallback.holdout) {
    yield { file: 'arms.yaml', path: ['fallback'], message: `"${arms.fallback}" must be an arm that is no holdout` };
  }
}

function* tierFaults({ about, tiers }: Strategy): Generator<Fault> {
  const limits = tiers.base.map((row) => row.upToDpd);
  if (limits.some((limit, at) => at > 0 && limit <= limits[at - 1]!)) {
    yield { file: 'tiers.yaml', path: ['base'], message: 'upToDpd must rise from row to row' };
  }
  if (limits[limits.length - 1] !== about.lastDpd) {
    yield {
      file: 'tiers.yaml',
      path: ['base'],
      message: `the last row must reach lastDpd ${about.lastDpd} of strategy.yaml`,
    };
  }
  for (const [currency, { bands }] of Object.entries(about.currencies)) {
    if (!(bands.normalFrom < bands.largeFrom && bands.largeFrom < bands.veryLargeFrom)) {
      yield {
        file: 'strategy.yaml',
        path: ['currencies', currency, 'bands'],
        message: 'amounts must rise: normalFrom < largeFrom < veryLargeFrom',
      };
    }
  }
  if (about.currencies[about.defaultCurrency] === undefined) {
    yield { file: 'strategy.yaml', path: ['defaultCurrency'], message: `add ${about.defaultCurrency} to currencies` };
  }
}

function* planFaults({ about, dayPlan }: Strategy): Generator<Fault> {
  const file = 'day-plan.yaml';
  for (let dpd = about.firstDpd; dpd <= about.lastDpd; dpd += 1) {
    if (dayPlan.rows[String(dpd)] === undefined) yield { file, path: ['rows'], message: `add a row for DPD ${dpd}` };
  }
  const used: readonly (readonly [readonly (string | number)[], readonly string[]])[] = [
    ...Object.entries(dayPlan.rows).flatMap(([dpd, row]) => [
      [['rows', dpd, 'noRpc', 'windows'], row.noRpc.windows] as const,
      [['rows', dpd, 'noPromise', 'windows'], row.noPromise.windows] as const,
    ]),
    ...Object.entries(dayPlan.overrides).map(([kind, rule]) => [['overrides', kind, 'windows'], rule.windows] as const),
  ];
  for (const [path, ids] of used) {
    for (const kind of ['workday', 'weekend'] as const) {
      const unknown = ids.find((id) => dayPlan.windows[kind][id] === undefined);
      if (unknown !== undefined)
        yield { file, path, message: `window ${unknown} is not among windows.${kind}; define it there or use another` };
    }
    if (!unique(ids)) yield { file, path, message: 'a window is named twice; name each once' };
  }
  for (const [kind, table] of Object.entries(dayPlan.windows)) {
    for (const [id, { from, to }] of Object.entries(table)) {
      if (from >= to) yield { file, path: ['windows', kind, id], message: `ends (${to}) before it begins (${from})` };
    }
  }
  if (!unique(dayPlan.priority.order)) yield { file, path: ['priority', 'order'], message: 'name each class once' };
}

function* scriptFaults({ dayPlan, scripts }: Strategy): Generator<Fault> {
  const named: readonly (readonly [readonly string[], string])[] = [
    ...Object.entries(dayPlan.scripts).flatMap(([tier, of]) => [
      [['scripts', tier, 'first'], of.first] as const,
      [['scripts', tier, 'second'], of.second] as const,
    ]),
    ...Object.entries(dayPlan.overrides).map(([kind, of]) => [['overrides', kind, 'script'], of.script] as const),
  ];
  for (const [path, id] of named) {
    if (scripts[id] === undefined) {
      yield { file: 'day-plan.yaml', path, message: `there is no scripts/${id}.yaml; add it or name another script` };
    }
  }
}

function* rangeFaults({ calendar, about, caps, handover }: Strategy): Generator<Fault> {
  for (const list of ['holidays', 'blackouts'] as const) {
    for (const [at, { from, to }] of calendar[list].entries()) {
      if (from > to)
        yield { file: 'calendar.yaml', path: [list, at], message: `ends (${to}) before it begins (${from})` };
    }
  }
  if (!isZone(about.zone)) {
    yield {
      file: 'strategy.yaml',
      path: ['zone'],
      message: `"${about.zone}" is no time zone; write one such as Asia/Shanghai`,
    };
  }
  if (caps.sms.from >= caps.sms.to) yield { file: 'caps.yaml', path: ['sms'], message: 'from must be before to' };
  const { from, to } = handover.workingHours;
  if (from >= to) yield { file: 'handover.yaml', path: ['workingHours'], message: 'from must be before to' };
}

function* voiceFaults({ voices }: Strategy): Generator<Fault> {
  for (const [tier, pool] of Object.entries(voices.pools)) {
    const unknown = pool.find((voice) => voices.voices[voice] === undefined);
    if (unknown !== undefined)
      yield {
        file: 'voices.yaml',
        path: ['pools', tier],
        message: `voice ${unknown} is not defined; add it to voices`,
      };
  }
}

/** Templates that the triggers of `sms.yaml` name. */
const requiredTemplates = [
  'a.promised',
  'a.spoken',
  'a.missed',
  'b',
  'c',
  'n',
  'q.promise',
  'q.remind',
  'q.ways',
  'q.callback',
  'ack.n',
  'ack.t',
];

function* templateFaults(strategy: Strategy): Generator<Fault> {
  const file = 'templates.yaml';
  const { templates, stage, card, history, maxCharacters } = strategy.templates;
  for (const id of requiredTemplates) {
    if (templates[id] === undefined) yield { file, path: ['templates'], message: `add the template ${id}` };
  }
  for (const [group, texts] of Object.entries({ templates, stage, card, history })) {
    for (const [id, text] of Object.entries(texts)) {
      const path = [group, id];
      const words = forbiddenWordsIn(text.text);
      if (words.length > 0)
        yield { file, path: [...path, 'text'], message: `forbidden wording: ${words.join(', ')}; rewrite the text` };
      if ((text.class === 'credit' || text.class === 'legal') && text.approver === null) {
        yield { file, path, message: `class ${text.class} needs an approver; name who approved this text` };
      }
    }
  }
  for (const id of Object.keys(templates)) {
    const { length, unknown } = longestLength(strategy, id);
    if (unknown.length > 0)
      yield {
        file,
        path: ['templates', id, 'text'],
        message: `no longest value for {${unknown.join('}, {')}}; add it under longest, or correct the slot`,
      };
    if (length > maxCharacters) {
      yield {
        file,
        path: ['templates', id, 'text'],
        message: `${length} characters with the longest values; shorten it to ${maxCharacters}`,
      };
    }
  }
}

/** Everything the schema of one file cannot see. */
export const faultsOf = (strategy: Strategy): readonly Fault[] => [
  ...armFaults(strategy),
  ...tierFaults(strategy),
  ...planFaults(strategy),
  ...scriptFaults(strategy),
  ...rangeFaults(strategy),
  ...voiceFaults(strategy),
  ...templateFaults(strategy),
];
