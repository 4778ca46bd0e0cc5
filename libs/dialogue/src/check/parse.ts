import { parseDocument } from 'yaml';
import type { z } from 'zod';
import {
  type BodySource,
  bodySource,
  endsSource,
  globalsSource,
  openingSource,
  type ScriptSource,
} from '../script/source.js';
import { checkScript } from './check.js';
import type { Problem } from './problem.js';

export interface ScriptLibrary {
  /** By script name; only those whose files could be read. */
  readonly scripts: Readonly<Record<string, ScriptSource>>;
  /** Unreadable files and everything `checkScript` finds. */
  readonly problems: readonly Problem[];
}

const SHARED = ['opening', 'ends', 'globals'];

/** Reads the YAML files of a strategy's `scripts` folder, file name → text. */
export function parseScripts(files: Readonly<Record<string, string>>): ScriptLibrary {
  const problems: Problem[] = [];
  const read = <T>(name: string, schema: z.ZodType<T>): T | null => {
    const text = files[`${name}.yaml`];
    const outcome = text === undefined ? ['the file is missing; add it'] : readFile(text, schema);
    if (!Array.isArray(outcome)) return outcome.value;
    problems.push(...outcome.map((message) => ({ file: `${name}.yaml`, state: null, rule: 'format', message })));
    return null;
  };
  const opening = read('opening', openingSource);
  const ends = read('ends', endsSource);
  const globals = read('globals', globalsSource);
  const bodies: Record<string, BodySource> = {};
  for (const file of Object.keys(files).sort()) {
    const name = file.replace(/\.yaml$/, '');
    if (name === file || SHARED.includes(name)) continue;
    const body = read(name, bodySource);
    if (body && body.script !== name) problems.push(misnamed(file, body.script));
    else if (body) bodies[name] = body;
  }
  if (!opening || !ends || !globals) return { scripts: {}, problems };
  const scripts: Record<string, ScriptSource> = {};
  for (const [name, body] of Object.entries(bodies)) {
    const used = body.uses.flatMap((other) => bodies[other] ?? []);
    if (used.length < body.uses.length) problems.push(unknownUse(name, body));
    else scripts[name] = { opening, body, used, ends, globals };
  }
  const found = Object.values(scripts).flatMap(checkScript);
  const distinct = new Map([...problems, ...found].map((problem) => [JSON.stringify(problem), problem]));
  return { scripts, problems: [...distinct.values()] };
}

function readFile<T>(text: string, schema: z.ZodType<T>): { value: T } | string[] {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) return document.errors.map((error) => error.message.split('\n')[0]!);
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { value: parsed.data };
  return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

const misnamed = (file: string, script: string): Problem => ({
  file,
  state: null,
  rule: 'name',
  message: `says script: ${script}; call the file ${script}.yaml or change the line`,
});

const unknownUse = (name: string, body: BodySource): Problem => ({
  file: `${name}.yaml`,
  state: null,
  rule: 'name',
  message: `uses ${body.uses.join(', ')}, of which not all can be read`,
});
