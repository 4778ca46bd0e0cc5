import { type Dialogue, type DialogueEnd, type DialogueState, type Edge, type Prompt } from './dialogue.js';
import { DialogueTooLarge, FactsMissing } from './errors.js';
import type { DialogueFacts } from './facts.js';
import { canonicalJson, sha256 } from './hash.js';
import { hashedDialogue, reachable } from './links.js';
import type { EdgeSource, EndSource, LineClass, ScriptSource, StateSource } from './source.js';
import { spokenFacts } from './spoken-facts.js';
import { holds, type ParsedLine, parseLine, render, type SpokenFacts } from './template.js';

const MAX_BYTES = 65_536;
const MAX_WORDINGS = 3;
const NONE: readonly string[] = [];

export interface CompileOptions {
  /** Picks the wording to say first among those whose facts are known. Default: the first. */
  readonly chooseWording?: (promptId: string, wordingIds: readonly string[]) => string;
}

/** A chooser: a wording not yet used with this person; all used: the least recent. `used` oldest first. */
export function preferUnused(used: readonly string[]): (promptId: string, wordingIds: readonly string[]) => string {
  return (_promptId, ids) => ids.reduce((best, id) => (used.lastIndexOf(id) < used.lastIndexOf(best) ? id : best));
}

/** Names a wording by its text, so that an edited text is another wording and a moved one the same. */
export const wordingId = (promptId: string, text: string): string => `${promptId}.${sha256(text).slice(0, 8)}`;

interface PreparedLine {
  readonly id: string;
  readonly parsed: ParsedLine;
}

interface Prepared {
  readonly hash: string;
  /** By the list of wordings as it stands in the source. */
  readonly lines: WeakMap<readonly string[], readonly PreparedLine[]>;
}

/** What depends on the source alone is worked out once per source, not once per call. */
const preparations = new WeakMap<ScriptSource, Prepared>();

function prepared(source: ScriptSource): Prepared {
  const known = preparations.get(source) ?? { hash: sha256(canonicalJson(source)), lines: new WeakMap() };
  preparations.set(source, known);
  return known;
}

function preparedLines({ lines }: Prepared, promptId: string, say: readonly string[]): readonly PreparedLine[] {
  const known = lines.get(say) ?? say.map((text) => ({ id: wordingId(promptId, text), parsed: parseLine(text) }));
  lines.set(say, known);
  return known;
}

/** All states of a script with the file each is in; the body's own win over the shared ones. */
export function statesOf({
  opening,
  body,
  used = [],
  globals,
}: ScriptSource): Readonly<Record<string, { file: string; state: StateSource }>> {
  const from = (file: string, states: Readonly<Record<string, StateSource>>) =>
    Object.fromEntries(Object.entries(states).map(([id, state]) => [id, { file, state }]));
  const borrowed = Object.assign({}, ...used.map((other) => from(other.script, other.states)));
  return {
    ...from('globals', globals.states),
    ...borrowed,
    ...from(body.script, body.states),
    ...from('opening', opening.states),
  };
}

/** Compiles for one call; what cannot be reached with these facts is left out. @throws FactsMissing, DialogueTooLarge */
export function compileScript(source: ScriptSource, facts: DialogueFacts, options: CompileOptions = {}): Dialogue {
  const spoken = spokenFacts(facts);
  const missing = source.body.requires.filter((condition) => !holds(condition, spoken));
  if (missing.length > 0) throw new FactsMissing(source.body.script, missing);
  const all = new Compilation(source, facts, spoken, options).dialogue();
  const whole = reachable(all);
  const { hash, bytes } = hashedDialogue(whole);
  if (bytes > MAX_BYTES) throw new DialogueTooLarge(source.body.script, bytes);
  return { ...whole, hash };
}

class Compilation {
  private readonly prompts: Record<string, Prompt> = {};
  private readonly states: ReturnType<typeof statesOf>;
  private readonly prepared: Prepared;

  constructor(
    private readonly source: ScriptSource,
    private readonly facts: DialogueFacts,
    private readonly spoken: SpokenFacts,
    private readonly options: CompileOptions,
  ) {
    this.states = statesOf(source);
    this.prepared = prepared(source);
  }

  dialogue(): Dialogue {
    const { opening, body, globals } = this.source;
    const { facts } = this;
    const to = (target: string): string => this.target(target);
    const both = (pair: { before: string; after: string }) => ({ before: to(pair.before), after: to(pair.after) });
    const sure = (id: string, say: readonly string[]): string => this.prompt(id, 'plain', say) ?? id;
    return {
      format: 1,
      script: body.script,
      sourceHash: this.prepared.hash,
      hash: '',
      entry: to(opening.entry),
      facts: {
        callDate: facts.callDate,
        timeZone: facts.timeZone,
        limitDate: facts.limitDate,
        currency: facts.currency,
        unpaidMin: facts.unpaidMin,
        full: facts.statement === null ? null : Math.max(facts.unpaidMin, facts.statement - (facts.paid ?? 0)),
        humanSlot: facts.humanSlot,
      },
      limits: {
        turns: 14,
        ms: 180_000,
        silenceMs: 5_000,
        returns: globals.returns.times,
        silences: globals.silence.times,
      },
      states: Object.fromEntries(
        Object.entries(this.states)
          .filter(([, { state }]) => this.applies(state))
          .map(([id, { file, state }]) => [id, this.state(file, id, state)]),
      ),
      ends: Object.fromEntries(
        Object.entries(this.source.ends.ends)
          .filter(([, end]) => this.applies(end))
          .map(([id, end]) => [id, this.end(id, end)]),
      ),
      globals: globals.globals.map((global) => ({
        intent: global.intent,
        before: global.before,
        prompt: this.prompt(`globals.${global.intent}`, global.class, global.say ?? NONE),
        promptBefore: this.prompt(`globals.${global.intent}.before`, 'plain', global.sayBefore ?? NONE),
        to: global.to === undefined ? null : to(global.to),
        toBefore: global.toBefore === undefined ? null : to(global.toBefore),
        repeats: global.repeats ?? false,
        keep: global.keep ?? null,
        keptTo: global.keptTo === undefined ? null : to(global.keptTo),
        label: global.label ?? null,
        reason: global.reason ?? null,
        flags: global.flags ?? [],
        limit: global.limit ? { times: global.limit.times, next: to(global.limit.next) } : null,
      })),
      needId: sure('globals.need-id', globals.needId),
      flags: body.flags,
      promise: {
        askDate: to(globals.promise.askDate),
        nearDate: to(globals.promise.nearDate),
        keepsDate: to(globals.promise.keepsDate),
      },
      silence: { prompt: sure('globals.silence', globals.silence.say), to: both(globals.silence) },
      unclear: {
        prompts: {
          before: sure('globals.unclear.before', globals.unclear.say.before),
          after: sure('globals.unclear.after', globals.unclear.say.after),
        },
        keys: globals.unclear.keys,
        to: both(globals.unclear.to),
      },
      returns: both(globals.returns),
      hangup: both(globals.hangup),
      talkedOut: both(globals.talkedOut),
      revoked: { cured: both(globals.revoked.cured), other: both(globals.revoked.other) },
      prompts: this.prompts,
    };
  }

  private applies(source: StateSource | EndSource): boolean {
    return (source.when ?? []).every((condition) => holds(condition, this.spoken));
  }

  /** Follows `@body` and the `else` of what does not apply. */
  private target(name: string): string {
    let target = name === '@body' ? this.source.body.entry : name;
    for (let hops = 0; hops < 20; hops++) {
      const found = this.states[target]?.state ?? this.source.ends.ends[target];
      if (!found || this.applies(found) || found.else === undefined) break;
      target = found.else;
    }
    return target;
  }

  private edge({
    shared,
    ...edge
  }: EdgeSource & { shared?: string | undefined; identity?: 'confirmed' | 'denied' | undefined }): Edge {
    if (shared === undefined || !this.facts.sharedNumber) return { ...edge, to: this.target(edge.to) };
    const { identity: _unconfirmed, ...rest } = edge;
    return { ...rest, to: this.target(shared) };
  }

  private state(file: string, id: string, state: StateSource): DialogueState {
    const yesNo = Object.keys(state.expect).length <= 3 && 'yes' in state.expect;
    const optional = (target: string | undefined) => (target === undefined ? null : this.target(target));
    return {
      prompt: this.prompt(`${file}.${id}`, state.class, state.say, state.goto === undefined ? MAX_WORDINGS : 1),
      opening: file === 'opening',
      barge: state.barge ?? state.class !== 'legal',
      hangoverMs: state.hangoverMs ?? (yesNo ? 200 : 240),
      expect: Object.fromEntries(Object.entries(state.expect).map(([intent, edge]) => [intent, this.edge(edge)])),
      goto: optional(state.goto),
      unclear: optional(state.unclear),
      silence: optional(state.silence),
      hangup: optional(state.hangup),
      atMost: state.atMost ? { times: state.atMost.times, next: this.target(state.atMost.next) } : null,
      keys: state.keys ?? {},
      confirms: state.confirms ?? false,
      digits: state.digits ?? null,
      byHistory: state.byHistory ?? false,
    };
  }

  private end(id: string, end: EndSource): DialogueEnd {
    return {
      prompt: this.prompt(`ends.${id}`, end.class, end.say, 1),
      disposition: end.disposition,
      label: end.label ?? null,
      reason: end.reason ?? null,
      flags: end.flags ?? [],
      stops: (end.stops ?? []).map((stop) => ({
        kind: stop.kind,
        scope: stop.scope,
        before: stop.before ?? stop.scope,
      })),
      transfer: end.transfer ?? false,
      urgent: end.urgent ?? false,
    };
  }

  /** Registers a line with as many wordings as one call can use; null when nothing of it can be spoken. */
  private prompt(id: string, lineClass: LineClass, say: readonly string[], most = MAX_WORDINGS): string | null {
    const wordings = preparedLines(this.prepared, id, say).flatMap(({ id: name, parsed }) => {
      const text = parsed.ok ? render(parsed.parts, this.spoken) : null;
      return text ? [{ id: name, text }] : [];
    });
    if (wordings.length === 0) return null;
    const ids = wordings.map((wording) => wording.id);
    const chosen = Math.max(0, ids.indexOf(this.options.chooseWording?.(id, ids) ?? ''));
    this.prompts[id] = {
      class: lineClass,
      wordings: [...wordings.slice(chosen), ...wordings.slice(0, chosen)].slice(0, most),
    };
    return id;
  }
}
