import { DialogueTooLarge, FactsMissing } from '../errors.js';
import type { DialogueFacts } from '../script/facts.js';
import type { ScriptSource } from '../script/source.js';
import { holds, render, type SpokenFacts } from '../script/template.js';
import { spokenFacts } from '../spoken/spoken-facts.js';
import type { Dialogue, Prompt } from './dialogue.js';
import { hashedDialogue } from './links.js';
import { type OutlinePrompt, outlineOf } from './outline.js';

const MAX_BYTES = 65_536;

export interface CompileOptions {
  /** Wordings of a line that this person heard, oldest first: the next one in the call is the least recent. */
  readonly heard?: (promptId: string) => readonly string[];
  /** Picks the wording to say first among those whose facts are known. Default: the first. */
  readonly chooseWording?: (promptId: string, wordingIds: readonly string[]) => string;
}

/** A chooser: a wording not yet used with this person; all used: the least recent. `used` oldest first. */
export function preferUnused(used: readonly string[]): (promptId: string, wordingIds: readonly string[]) => string {
  return (_promptId, ids) => ids.reduce((best, id) => (used.lastIndexOf(id) < used.lastIndexOf(best) ? id : best));
}

/** Compiles for one call; what cannot be reached with these facts is left out. @throws FactsMissing, DialogueTooLarge */
export function compileScript(source: ScriptSource, facts: DialogueFacts, options: CompileOptions = {}): Dialogue {
  const spoken = spokenFacts(facts);
  const missing = source.body.requires.filter((condition) => !holds(condition, spoken));
  if (missing.length > 0) throw new FactsMissing(source.body.script, missing);
  const outline = outlineOf(source, spoken);
  const filled = {
    ...outline,
    facts: {
      callDate: facts.callDate,
      timeZone: facts.timeZone,
      limitDate: facts.limitDate,
      callbackHours: facts.callbackHours,
      currency: facts.currency,
      money: facts.money,
      unpaidMin: facts.unpaidMin,
      leastPromise: facts.leastPromise,
      full: facts.statement === null ? null : Math.max(facts.unpaidMin, facts.statement - (facts.paid ?? 0)),
      humanSlot: facts.humanSlot,
    },
    prompts: Object.fromEntries(
      Object.entries(outline.prompts).map(([id, prompt]) => [id, filledPrompt(id, prompt, spoken, options)]),
    ),
  };
  const { hash, bytes } = hashedDialogue(filled);
  if (bytes > MAX_BYTES) throw new DialogueTooLarge(source.body.script, bytes);
  return { ...filled, hash };
}

/** The chosen wording first, then as many others as one call can use. */
function filledPrompt(
  id: string,
  { class: lineClass, most, wordings }: OutlinePrompt,
  spoken: SpokenFacts,
  { chooseWording, heard }: CompileOptions,
): Prompt {
  const ids = wordings.map((wording) => wording.id);
  const chosen = Math.max(0, ids.indexOf(chooseWording?.(id, ids) ?? ''));
  const rotated = [...wordings.slice(chosen), ...wordings.slice(0, chosen)];
  const lastHeard = heard?.(id) ?? [];
  const [first, ...others] = rotated;
  const next = others.sort((a, b) => lastHeard.lastIndexOf(a.id) - lastHeard.lastIndexOf(b.id));
  const said = (first === undefined ? [] : [first, ...next]).slice(0, most);
  return { class: lineClass, wordings: said.map((one) => ({ id: one.id, text: render(one.parts, spoken) ?? '' })) };
}
