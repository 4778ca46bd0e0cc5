import type { EdgeSource, EndSource, LineClass, ScriptSource, StateSource } from '../script/source.js';
import { holds, type ParsedLine, type Part, parseLine, render, type SpokenFacts } from '../script/template.js';
import type { Dialogue, DialogueEnd, DialogueState, Edge } from './dialogue.js';
import { canonicalJson, sha256 } from './hash.js';
import { reachable } from './links.js';

const MAX_WORDINGS = 3;
const MOST_OUTLINES = 1_000;
const NONE: readonly string[] = [];

/** A line of an outline with the wordings that can be spoken, not yet filled with an account's facts. */
export interface OutlinePrompt {
  readonly class: LineClass;
  /** How many wordings one call can use. */
  readonly most: number;
  readonly wordings: readonly { readonly id: string; readonly parts: readonly Part[] }[];
}

/** What a dialogue is before its facts are filled in: the same for all accounts of whom the same can be said. */
export type Outline = Omit<Dialogue, 'facts' | 'hash' | 'prompts'> & {
  readonly prompts: Readonly<Record<string, OutlinePrompt>>;
};

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
  readonly outlines: Map<string, Outline>;
}

/** What depends on the source alone is worked out once per source, not once per call. */
const preparations = new WeakMap<ScriptSource, Prepared>();

function prepared(source: ScriptSource): Prepared {
  const known = preparations.get(source) ?? {
    hash: sha256(canonicalJson(source)),
    lines: new WeakMap(),
    outlines: new Map(),
  };
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

/** All that the graph depends on: which conditions hold and which facts are known. */
const sayable = ({ conditions, slots }: SpokenFacts): string =>
  [...Object.values(conditions), ...Object.values(slots).map(Boolean)].map(Number).join('');

/** The part of a script that can be reached with what is known of an account; drawn once and kept. */
export function outlineOf(source: ScriptSource, spoken: SpokenFacts): Outline {
  const { outlines } = prepared(source);
  const key = sayable(spoken);
  const known = outlines.get(key) ?? reachable(new Drawing(source, spoken).outline());
  if (outlines.size >= MOST_OUTLINES) outlines.clear();
  outlines.set(key, known);
  return known;
}

class Drawing {
  private readonly prompts: Record<string, OutlinePrompt> = {};
  private readonly states: ReturnType<typeof statesOf>;
  private readonly prepared: Prepared;

  constructor(
    private readonly source: ScriptSource,
    private readonly spoken: SpokenFacts,
  ) {
    this.states = statesOf(source);
    this.prepared = prepared(source);
  }

  outline(): Outline {
    const { opening, body, globals } = this.source;
    const to = (target: string): string => this.target(target);
    const both = (pair: { before: string; after: string }) => ({ before: to(pair.before), after: to(pair.after) });
    const sure = (id: string, say: readonly string[]): string => this.prompt(id, 'plain', say) ?? id;
    return {
      format: 1,
      script: body.script,
      sourceHash: this.prepared.hash,
      entry: to(opening.entry),
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
        askMore: to(globals.promise.askMore),
        tooLittle: to(globals.promise.tooLittle),
      },
      callback: { offer: to(globals.callback.offer), none: to(globals.callback.none) },
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
    if (shared === undefined || !this.spoken.conditions.shared) return { ...edge, to: this.target(edge.to) };
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
      ...(end.handOver === undefined ? {} : { handOver: end.handOver }),
    };
  }

  /** Registers a line with its wordings that can be spoken; null when nothing of it can. */
  private prompt(id: string, lineClass: LineClass, say: readonly string[], most = MAX_WORDINGS): string | null {
    const wordings = preparedLines(this.prepared, id, say).flatMap(({ id: name, parsed }) =>
      parsed.ok && render(parsed.parts, this.spoken) ? [{ id: name, parts: parsed.parts }] : [],
    );
    if (wordings.length === 0) return null;
    this.prompts[id] = { class: lineClass, most, wordings };
    return id;
  }
}
