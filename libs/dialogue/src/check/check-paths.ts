import { statesOf } from '../compile/outline.js';
import type { EdgeSource, ScriptSource, StateSource } from '../script/source.js';
import type { Problem } from './problem.js';

interface Way {
  readonly to: string;
  readonly identity?: 'confirmed' | 'denied' | undefined;
}

/** Where a state's answers lead, by intent. A confirming state may also ask for the date again. */
function answersOf({ globals, body }: ScriptSource, state: StateSource): readonly Way[] {
  const real = (to: string) => (to === '@body' ? body.entry : to);
  const edges: readonly EdgeSource[] = Object.values(state.expect);
  return edges.flatMap((edge) => {
    const full: { to: string; identity?: 'confirmed' | 'denied' | undefined; shared?: string | undefined } = edge;
    return [
      { to: real(full.to), identity: full.identity },
      ...(full.shared === undefined ? [] : [{ to: full.shared }]),
      ...('keep' in edge && edge.keep === 'callback' ? Object.values(globals.callback).map((to) => ({ to })) : []),
      ...(state.confirms ? Object.values(globals.promise).map((to) => ({ to })) : []),
    ];
  });
}

/** Where a state leads without an answer. */
const defaultsOf = (state: StateSource): readonly Way[] =>
  [state.goto, state.unclear, state.silence, state.hangup, state.else, state.atMost?.next]
    .filter((to): to is string => to !== undefined)
    .map((to) => ({ to }));

const problem = (file: string, state: string | null, rule: string, message: string): Problem => ({
  file: `${file}.yaml`,
  state,
  rule,
  message,
});

/** Every name exists, every state answers or goes on, and silence, unclear and hang-up have an end everywhere. */
export function wayOutProblems(source: ScriptSource): readonly Problem[] {
  const { opening, body, ends, globals } = source;
  const states = statesOf(source);
  const problems: Problem[] = [];
  const known = (to: string) => to in states || to in ends.ends;
  const need = (file: string, id: string | null, to: string, marks: readonly string[] = []) => {
    if (!known(to) && !marks.includes(to))
      problems.push(problem(file, id, 'names', `leads to ${to}, which does not exist; name a state or an end`));
  };
  need('opening', null, opening.entry);
  need(body.script, null, body.entry);
  for (const [id, { file, state }] of Object.entries(states)) {
    for (const way of answersOf(source, state)) need(file, id, way.to, ['@back', '@stay']);
    for (const way of defaultsOf(state)) need(file, id, way.to);
    const answers = Object.keys(state.expect).length;
    if (answers === 0 && state.goto === undefined)
      problems.push(problem(file, id, 'way-out', 'expects nothing and goes nowhere; add expect or goto'));
    if (answers > 0 && state.goto !== undefined)
      problems.push(problem(file, id, 'way-out', 'has both expect and goto; keep one'));
    if (state.when && state.else === undefined)
      problems.push(problem(file, id, 'when', 'has a when but no else; say what takes its place'));
    if (id in ends.ends) problems.push(problem(file, id, 'names', 'is also the name of an end; rename one'));
  }
  for (const [id, end] of Object.entries(ends.ends)) {
    if (end.else !== undefined) need('ends', id, end.else);
    if (end.when && end.else === undefined)
      problems.push(problem('ends', id, 'when', 'has a when but no else; say what takes its place'));
  }
  for (const global of globals.globals) {
    for (const to of [global.to, global.toBefore, global.keptTo, global.limit?.next])
      if (to !== undefined) need('globals', global.intent, to);
  }
  for (const to of [...Object.values(globals.promise), ...Object.values(globals.callback)]) need('globals', null, to);
  const lasts = {
    silence: globals.silence,
    unclear: globals.unclear.to,
    hangup: globals.hangup,
    returns: globals.returns,
    talkedOut: globals.talkedOut,
    'revoked.cured': globals.revoked.cured,
    'revoked.other': globals.revoked.other,
  };
  for (const [what, pair] of Object.entries(lasts)) {
    for (const to of [pair.before, pair.after]) {
      if (!(to in ends.ends)) problems.push(problem('globals', what, 'way-out', `must lead to an end; ${to} is none`));
      else if (ends.ends[to]!.when)
        problems.push(problem('globals', what, 'way-out', `${to} has a when; the last way out must always be open`));
    }
  }
  return problems;
}

/** Walks every path with the knowledge of identity it carries; only plain lines may be heard before `confirmed`. */
export function identityProblems(source: ScriptSource): readonly Problem[] {
  const states = statesOf(source);
  const problems = new Map<string, Problem>();
  for (const { id } of unidentified(source)) {
    const found = states[id]?.state ?? source.ends.ends[id];
    const file = states[id]?.file ?? 'ends';
    if (found && found.class !== 'plain') {
      problems.set(
        id,
        problem(
          file,
          id,
          'identity',
          `is of class ${found.class} and can be reached before identity is confirmed; lead there only after identity: confirmed`,
        ),
      );
    }
  }
  for (const global of source.globals.globals) {
    if (global.before === 'answer' && global.say && global.class !== 'plain' && !global.sayBefore) {
      problems.set(
        global.intent,
        problem(
          'globals',
          global.intent,
          'identity',
          `answers with class ${global.class} before identity; add sayBefore or set before: need-id`,
        ),
      );
    }
  }
  return [...problems.values()];
}

/** States and ends that can be reached while identity is not confirmed. */
export function unidentified(source: ScriptSource): readonly { readonly id: string }[] {
  const states = statesOf(source);
  const { globals, ends } = source;
  const anywhere = [
    ...globals.globals
      .filter((global) => global.before === 'answer')
      .flatMap((global) => [global.toBefore ?? global.to, global.keptTo, global.limit?.next]),
    ...Object.values(globals.callback),
    globals.silence.before,
    globals.unclear.to.before,
    globals.returns.before,
    globals.hangup.before,
    globals.talkedOut.before,
    globals.revoked.cured.before,
    globals.revoked.other.before,
  ];
  const queue: (string | undefined)[] = [source.opening.entry, ...anywhere];
  const seen = new Set<string>();
  while (queue.length > 0) {
    const id = queue.pop();
    if (id === undefined || id.startsWith('@') || seen.has(id)) continue;
    seen.add(id);
    queue.push(ends.ends[id]?.else);
    const state = states[id]?.state;
    if (!state) continue;
    queue.push(...defaultsOf(state).map((way) => way.to));
    queue.push(
      ...answersOf(source, state)
        .filter((way) => way.identity !== 'confirmed')
        .map((way) => way.to),
    );
  }
  return [...seen].map((id) => ({ id }));
}

/** A cycle must pass a state with `atMost`, and what follows an exhausted one must not come back to it. */
export function loopProblems(source: ScriptSource): readonly Problem[] {
  const states = statesOf(source);
  const problems: Problem[] = [];
  const free = (id: string): readonly string[] => {
    const state = states[id]?.state;
    if (!state || state.atMost) return [];
    return [...answersOf(source, state), ...defaultsOf(state)].map((way) => way.to);
  };
  const exhausted = (id: string): readonly string[] =>
    [states[id]?.state.atMost?.next, states[id]?.state.else].filter((to) => to !== undefined);
  for (const [id, { file }] of Object.entries(states)) {
    if (comesBack(id, free))
      problems.push(problem(file, id, 'loops', 'lies on a cycle without a bound; give one of its states atMost'));
    if (comesBack(id, exhausted))
      problems.push(problem(file, id, 'loops', 'its atMost or else leads back to itself; let it lead out'));
  }
  return problems;
}

function comesBack(id: string, next: (id: string) => readonly string[]): boolean {
  const queue = [...next(id)];
  const seen = new Set<string>();
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (at === id) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    queue.push(...next(at));
  }
  return false;
}
