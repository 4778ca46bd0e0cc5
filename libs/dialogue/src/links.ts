import { type Dialogue, type DialogueState, dialogueSchema } from './dialogue.js';
import { InvalidDialogue } from './errors.js';
import { sha256 } from './hash.js';

/** Reads a dialogue from its JSON and proves its hash. @throws InvalidDialogue */
export function readDialogue(json: string): Dialogue {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new InvalidDialogue('not JSON');
  }
  const parsed = dialogueSchema.safeParse(value);
  if (!parsed.success)
    throw new InvalidDialogue(`${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`);
  if (hashedDialogue(value as object).hash !== parsed.data.hash) throw new InvalidDialogue('its hash is another');
  const loose = looseEnds(parsed.data);
  if (loose.length > 0) throw new InvalidDialogue(`nothing is named ${loose.join(', ')}`);
  return parsed.data;
}

/** Names that lead nowhere: an interpreter must never meet one. */
function looseEnds(dialogue: Dialogue): readonly string[] {
  const { ends, states } = dialogue;
  const last = wayOuts(dialogue).filter((target) => !ends[target]);
  const targets = [...targetsOf(dialogue), ...Object.values(states).flatMap(leadsTo)];
  const known = (target: string) => target.startsWith('@') || target in ends || target in states;
  return [...new Set([...last, ...targets.filter((target) => !known(target))])];
}

const wayOuts = (dialogue: Dialogue): readonly string[] =>
  [
    dialogue.silence.to,
    dialogue.unclear.to,
    dialogue.returns,
    dialogue.hangup,
    dialogue.talkedOut,
    dialogue.revoked.cured,
    dialogue.revoked.other,
  ].flatMap((pair) => [pair.before, pair.after]);

const present = (targets: readonly (string | null | undefined)[]): readonly string[] =>
  targets.filter((target): target is string => typeof target === 'string');

const targetsOf = (dialogue: Dialogue): readonly string[] =>
  present([
    dialogue.entry,
    ...Object.values(dialogue.promise),
    ...dialogue.globals.flatMap((global) => [global.to, global.toBefore, global.keptTo, global.limit?.next]),
  ]);

const leadsTo = (state: DialogueState): readonly string[] =>
  present([
    ...Object.values(state.expect).map((edge) => edge.to),
    state.goto,
    state.unclear,
    state.silence,
    state.hangup,
    state.atMost?.next,
  ]);

/** Of the JSON as it stands: the order of keys is kept by every JSON parser, so it need not be sorted on each call. */
export const hashedDialogue = (dialogue: object): { readonly hash: string; readonly bytes: number } => {
  const text = JSON.stringify({ ...dialogue, hash: '' });
  const hash = sha256(text);
  return { hash, bytes: Buffer.byteLength(text) + hash.length };
};

/** Leaves out states, ends and lines that no path of this dialogue uses. */
export function reachable(dialogue: Dialogue): Dialogue {
  const queue = [...wayOuts(dialogue), ...targetsOf(dialogue)];
  const seen = new Set<string>();
  for (let target = queue.pop(); target !== undefined; target = queue.pop()) {
    if (seen.has(target)) continue;
    seen.add(target);
    const state = dialogue.states[target];
    if (state) queue.push(...leadsTo(state));
  }
  const keep = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([id]) => seen.has(id)));
  const states = keep(dialogue.states);
  const ends = keep(dialogue.ends);
  const used = new Set([...Object.values(states), ...Object.values(ends)].map((owner) => owner.prompt));
  const owned = new Set(
    [...Object.values(dialogue.states), ...Object.values(dialogue.ends)].map((owner) => owner.prompt),
  );
  const prompts = Object.fromEntries(Object.entries(dialogue.prompts).filter(([id]) => used.has(id) || !owned.has(id)));
  return { ...dialogue, states, ends, prompts };
}
