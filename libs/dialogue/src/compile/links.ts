import { InvalidDialogue } from '../errors.js';
import { type Dialogue, type DialogueState, dialogueSchema } from './dialogue.js';
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
  if (hashedDialogue(value as Dialogue).hash !== parsed.data.hash) throw new InvalidDialogue('its hash is another');
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

const wayOuts = (dialogue: Graph): readonly string[] =>
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

const targetsOf = (dialogue: Graph): readonly string[] =>
  present([
    dialogue.entry,
    dialogue.callback?.offer,
    dialogue.callback?.none,
    ...Object.values(dialogue.promise).filter((target) => target !== undefined),
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

interface Hashed {
  readonly hash: string;
  readonly bytes: number;
}
const graphs = new WeakMap<object, Hashed>();

const hashed = (value: unknown): Hashed => {
  const text = JSON.stringify(value);
  return { hash: sha256(text), bytes: Buffer.byteLength(text) };
};

/**
 * Of the JSON as it stands: the order of keys is kept by every JSON parser, so it need not be sorted. The graph, two
 * thirds of it, is hashed by itself and once: its `states` object is the same for all dialogues of an outline.
 */
export function hashedDialogue(dialogue: Omit<Dialogue, 'hash'> & { readonly hash?: string }): Hashed {
  const { facts, prompts, hash: _hash, ...graph } = dialogue;
  const outline = graphs.get(dialogue.states) ?? hashed(graph);
  graphs.set(dialogue.states, outline);
  const own = hashed({ graph: outline.hash, facts, prompts });
  return { hash: own.hash, bytes: outline.bytes + own.bytes };
}

/** The graph alone, whatever its lines hold. */
type Graph = Omit<Dialogue, 'facts' | 'hash' | 'prompts'> & { readonly prompts: Readonly<Record<string, unknown>> };

/** Leaves out states, ends and lines that no path of this dialogue uses. */
export function reachable<G extends Graph>(dialogue: G): G {
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
