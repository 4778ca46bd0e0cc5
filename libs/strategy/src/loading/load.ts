import { parseScripts } from '@mora/dialogue';
import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { strategyHash } from '../package/canonical.js';
import { fileSchemas, type Strategy, strategySchema } from '../package/schema.js';
import { faultsOf } from './checks.js';
import { protectedAttributeIn } from './lint.js';
import type { Problem } from './problem.js';

export type LoadedStrategy =
  | { readonly ok: true; readonly strategy: Strategy; readonly hash: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Path = readonly PropertyKey[];

interface Parsed {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly lineAt: (offset: number) => number;
}

const keyOfFile = {
  'strategy.yaml': 'about',
  'tiers.yaml': 'tiers',
  'arms.yaml': 'arms',
  'day-plan.yaml': 'dayPlan',
  'calendar.yaml': 'calendar',
  'redial.yaml': 'redial',
  'caps.yaml': 'caps',
  'promises.yaml': 'promises',
  'stops.yaml': 'stops',
  'handover.yaml': 'handover',
  'voices.yaml': 'voices',
  'sms.yaml': 'sms',
  'templates.yaml': 'templates',
  'scorecard.yaml': 'scorecard',
} as const satisfies Record<keyof typeof fileSchemas, keyof Strategy>;

const scriptFile = /^scripts\/([a-z0-9][a-z0-9-]*)\.ya?ml$/;

const nested = (
  issues: readonly z.core.$ZodIssue[],
  at: Path = [],
): readonly { readonly path: Path; readonly message: string }[] =>
  issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `unknown key "${key}"; remove it or correct its spelling`,
      }));
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const closest = [...issue.errors].sort((a, b) => a.length - b.length)[0]!;
      return nested(closest, path);
    }
    if (issue.code === 'invalid_type' && issue.input === undefined)
      return [{ path, message: `is missing; add it (${issue.expected})` }];
    return [{ path, message: issue.message }];
  });

/** Line of the deepest node on a path that exists; of the key itself where the path ends in one. */
const lineOf = (parsed: Parsed, path: Path): number | null => {
  let node: unknown = parsed.document.contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) break;
      if (isScalar(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = pair.value;
      continue;
    }
    const item: unknown = parsed.document.getIn(path.slice(0, path.indexOf(step) + 1) as unknown[], true);
    if (item === undefined || item === null) break;
    node = item;
    const range = (item as { readonly range?: readonly number[] | null }).range;
    if (range) offset = range[0]!;
  }
  return parsed.lineAt(offset);
};

const problem = (parsed: Parsed, path: Path, message: string): Problem => ({
  file: parsed.file,
  path: path.map(String).join('.'),
  line: lineOf(parsed, path),
  message,
});

const protectedProblems = (parsed: Parsed): readonly Problem[] => {
  const found: Problem[] = [];
  const spokenTexts = scriptFile.test(parsed.file);
  visit(parsed.document, {
    Scalar: (key, node, ancestors) => {
      if (typeof node.value !== 'string' || (spokenTexts && key !== 'key' && /[^\x20-\x7e]/.test(node.value))) return;
      const word = protectedAttributeIn(node.value);
      if (word === null) return;
      const path = ancestors.filter(isPair).map((pair) => (isScalar(pair.key) ? String(pair.key.value) : '?'));
      found.push({
        file: parsed.file,
        path: path.join('.'),
        line: node.range ? parsed.lineAt(node.range[0]) : null,
        message: `names the protected attribute "${word}"; a strategy may not use it, remove it`,
      });
    },
  });
  return found;
};

const parse = (file: string, text: string): Parsed | readonly Problem[] => {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    strict: true,
    uniqueKeys: true,
    version: '1.2',
    schema: 'core',
  });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length === 0) return { file, document, lineAt };
  return document.errors.map((error) => ({
    file,
    path: '',
    line: lineAt(error.pos[0]),
    message: `not valid YAML: ${error.message.split('\n')[0]}`,
  }));
};

const isProblems = (value: Parsed | readonly Problem[]): value is readonly Problem[] => Array.isArray(value);

const known = (file: string): boolean => file in fileSchemas || scriptFile.test(file);

const scriptNameOf = (file: string): string | undefined => scriptFile.exec(file)?.[1];

/** What keeps the compiler from taking a script, and the lint of its lines. */
const scriptProblems = (
  texts: Readonly<Record<string, string>>,
  lineIn: (file: string, path: Path) => number | null,
): readonly Problem[] =>
  parseScripts(texts).problems.map(({ file, state, rule, message }) => {
    const path = state === null ? [] : [file === 'ends.yaml' ? 'ends' : 'states', state];
    const found = `scripts/${file}`;
    return { file: found, path: state ?? '', line: lineIn(found, path), message: `${rule}: ${message}` };
  });

/**
 * What keeps a strategy that is already one value (as it is published) from being used: schema, the checks between files,
 * the compiler of its scripts, the lint of every text. Empty: it may be published, activated and compiled into a call.
 */
export const problemsOf = (strategy: Strategy): readonly Problem[] => {
  const known = checked.get(strategy) ?? allProblems(strategy);
  checked.set(strategy, known);
  return known;
};

/** A strategy is checked once. */
const checked = new WeakMap<Strategy, readonly Problem[]>();

const allProblems = (strategy: Strategy): readonly Problem[] => {
  const shape = strategySchema.safeParse(strategy, { reportInput: true });
  if (!shape.success)
    return nested(shape.error.issues).map(({ path, message }) => ({
      file: 'strategy',
      path: path.map(String).join('.'),
      line: null,
      message,
    }));
  const faults = faultsOf(strategy).map(({ file, path, message }) => ({
    file,
    path: path.map(String).join('.'),
    line: null,
    message,
  }));
  const texts = Object.entries(strategy.scripts).map(([name, content]) => [`${name}.yaml`, JSON.stringify(content)]);
  return [...faults, ...scriptProblems(Object.fromEntries(texts), () => null)];
};

/**
 * Validates a package given as texts by file name (`tiers.yaml`, `scripts/l-first.yaml`). Every problem names file, path,
 * line and what to do; nothing is loaded while one is left. The same content in another order or layout has the same hash.
 */
export const loadStrategyFolder = (files: Readonly<Record<string, string>>): LoadedStrategy => {
  const names = Object.keys(files).sort();
  const problems: Problem[] = [];
  for (const file of Object.keys(fileSchemas)) {
    if (files[file] === undefined)
      problems.push({ file, path: '', line: null, message: 'the file is missing; add it to the package' });
  }
  const strategy: Record<string, unknown> = {};
  const scripts: Record<string, unknown> = {};
  const parsedFiles = new Map<string, Parsed>();
  for (const file of names) {
    if (!known(file)) {
      problems.push({ file, path: '', line: null, message: 'is no file of a strategy; remove or rename it' });
      continue;
    }
    const parsed = parse(file, files[file]!);
    if (isProblems(parsed)) {
      problems.push(...parsed);
      continue;
    }
    parsedFiles.set(file, parsed);
    problems.push(...protectedProblems(parsed));
    const value: unknown = parsed.document.toJS({ maxAliasCount: 100 });
    const script = scriptNameOf(file);
    if (script !== undefined) {
      scripts[script] = value;
      continue;
    }
    const name = file as keyof typeof fileSchemas;
    const result = fileSchemas[name].safeParse(value, { reportInput: true });
    if (result.success) strategy[keyOfFile[name]] = result.data;
    else problems.push(...nested(result.error.issues).map((one) => problem(parsed, one.path, one.message)));
  }
  if (problems.length > 0) return { ok: false, problems };
  const loaded = { ...strategy, scripts } as unknown as Strategy;
  const faults = faultsOf(loaded).map((fault) => problem(parsedFiles.get(fault.file)!, fault.path, fault.message));
  const texts = names.flatMap((file) => {
    const script = scriptNameOf(file);
    return script === undefined ? [] : [[`${script}.yaml`, files[file]!] as const];
  });
  const lineIn = (file: string, path: Path): number | null => {
    const parsed = parsedFiles.get(file);
    return parsed === undefined ? null : lineOf(parsed, path);
  };
  const all = [...faults, ...scriptProblems(Object.fromEntries(texts), lineIn)];
  if (all.length > 0) return { ok: false, problems: all };
  return { ok: true, strategy: loaded, hash: strategyHash(loaded) };
};

/** One line for a person: `tiers.yaml:12 rules.T1.shift: …`. */
export const describeProblem = ({ file, line, path, message }: Problem): string =>
  `${file}${line === null ? '' : `:${line}`}${path === '' ? '' : ` ${path}`}: ${message}`;
