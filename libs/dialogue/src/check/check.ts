import { statesOf } from '../compile/outline.js';
import type { ScriptSource } from '../script/source.js';
import { lineProblems } from './check-lines.js';
import { identityProblems, loopProblems, wayOutProblems } from './check-paths.js';
import type { Problem } from './problem.js';
import { REQUIRED_GLOBALS, SAFETY_GLOBALS } from './required-globals.js';

/** Everything that keeps a script from being published; empty: it may be. */
export function checkScript(source: ScriptSource): readonly Problem[] {
  return [
    ...wayOutProblems(source),
    ...identityProblems(source),
    ...loopProblems(source),
    ...lineProblems(source),
    ...globalProblems(source),
  ];
}

/** Every global intent is answered in every state, in the order of its priority. */
function globalProblems(source: ScriptSource): readonly Problem[] {
  const problems: Problem[] = [];
  const add = (file: string, state: string | null, message: string) =>
    problems.push({ file: `${file}.yaml`, state, rule: 'globals', message });
  const intents = source.globals.globals.map((global) => global.intent);
  for (const intent of REQUIRED_GLOBALS)
    if (!intents.includes(intent)) add('globals', intent, 'is not answered; add it');
  const ranks = REQUIRED_GLOBALS.filter((intent) => intents.includes(intent)).map((intent) => intents.indexOf(intent));
  const outOfOrder = ranks.findIndex((rank, index) => index > 0 && rank < ranks[index - 1]!);
  if (outOfOrder > 0)
    add('globals', intents[ranks[outOfOrder]!]!, 'stands above one that must win over it; restore the order');
  for (const [index, intent] of intents.entries()) {
    if (intents.indexOf(intent) !== index) add('globals', intent, 'is listed twice; remove one');
  }
  for (const global of source.globals.globals) {
    const answers = global.say !== undefined || global.to !== undefined || global.repeats === true;
    if (!answers) add('globals', global.intent, 'has no answer; give it say, to or repeats');
  }
  for (const [id, { file, state }] of Object.entries(statesOf(source))) {
    for (const intent of Object.keys(state.expect)) {
      if (SAFETY_GLOBALS.includes(intent)) add(file, id, `answers ${intent} in its own way; leave it to the globals`);
    }
  }
  return problems;
}
