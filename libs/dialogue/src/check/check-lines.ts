import { statesOf } from '../compile/outline.js';
import { findForbidden } from '../script/forbidden-words.js';
import type { LineClass, ScriptSource } from '../script/source.js';
import { parseLine, RUNTIME_SLOTS, SLOT_GUARDS, SURE_SLOTS, slotsOf } from '../script/template.js';
import { unidentified } from './check-paths.js';
import type { Problem } from './problem.js';

const MIN_WORDINGS = 3;
/** What a plain line must not give away before identity. */
const TELLING_SLOTS = new Set(
  [...Object.keys(SLOT_GUARDS), ...SURE_SLOTS, 'date', 'amount'].filter(
    (slot) => !['bank', 'salutation', 'hotline', 'slot'].includes(slot),
  ),
);
const TELLING_WORDS = /欠|账单|还款|逾期|信用卡|最低|利息|征信|债/;

interface Line {
  readonly file: string;
  readonly id: string;
  readonly class: LineClass;
  readonly say: readonly string[];
  readonly when: readonly string[];
  readonly approver: string | undefined;
  /** Heard before identity on some path. */
  readonly early: boolean;
  /** A date and an amount are known when it is said. */
  readonly promised: boolean;
  readonly silent: boolean;
}

/** Wordings, slots, brackets, approvers and words of every line, and the disclosure in the first. */
export function lineProblems(source: ScriptSource): readonly Problem[] {
  return [...linesOf(source).flatMap(checkLine), ...disclosureProblems(source)];
}

function linesOf(source: ScriptSource): readonly Line[] {
  const { body, ends, globals } = source;
  const early = new Set(unidentified(source).map(({ id }) => id));
  const states = statesOf(source);
  const promising = new Set(
    Object.values(states).flatMap(({ state }) =>
      Object.values(state.expect).flatMap((edge) => ('promise' in edge && edge.promise === 'make' ? [edge.to] : [])),
    ),
  );
  const plain = { class: 'plain' as const, when: [], approver: undefined, promised: false, silent: false };
  const owned = Object.entries(states).map(
    ([id, { file, state }]): Line => ({
      file,
      id,
      class: state.class,
      say: state.say,
      approver: state.approver,
      early: early.has(id),
      silent: false,
      when: [...(state.when ?? []), ...(file === body.script ? body.requires : [])],
      promised: state.confirms === true || promising.has(id),
    }),
  );
  const final = Object.entries(ends.ends).map(
    ([id, end]): Line => ({
      file: 'ends',
      id,
      class: end.class,
      say: end.say,
      when: end.when ?? [],
      approver: end.approver,
      early: early.has(id),
      promised: end.disposition === 'promised',
      silent: true,
    }),
  );
  const answers = globals.globals.flatMap((global): Line[] => [
    ...(global.say
      ? [
          {
            ...plain,
            file: 'globals',
            id: global.intent,
            class: global.class,
            say: global.say,
            approver: global.approver,
            early: global.before === 'answer' && !global.sayBefore,
          },
        ]
      : []),
    ...(global.sayBefore
      ? [{ ...plain, file: 'globals', id: `${global.intent}.sayBefore`, say: global.sayBefore, early: true }]
      : []),
  ]);
  const asides = [
    { id: 'needId', say: globals.needId, early: true },
    { id: 'silence', say: globals.silence.say, early: true },
    { id: 'unclear.before', say: globals.unclear.say.before, early: true },
    { id: 'unclear.after', say: globals.unclear.say.after, early: false },
  ].map((aside): Line => ({ ...plain, file: 'globals', ...aside }));
  return [...owned, ...final, ...answers, ...asides];
}

function checkLine(line: Line): readonly Problem[] {
  const problems: Problem[] = [];
  const add = (rule: string, message: string) =>
    problems.push({ file: `${line.file}.yaml`, state: line.id, rule, message });
  const distinct = new Set(line.say).size;
  if (distinct < MIN_WORDINGS && !(line.silent && distinct === 0))
    add('wordings', `has ${distinct} different wordings; write at least ${MIN_WORDINGS}`);
  if ((line.class === 'credit' || line.class === 'legal') && !line.approver)
    add('approver', `is of class ${line.class}; name its approver`);
  for (const text of line.say) {
    for (const { found, word } of findForbidden(text))
      add('forbidden', `says ${found} (${word.act}); rather: ${word.instead}`);
    const parsed = parseLine(text);
    if (!parsed.ok) {
      add('format', `${parsed.why} in: ${text}`);
      continue;
    }
    for (const { slot, under } of slotsOf(parsed.parts)) {
      if (line.early && TELLING_SLOTS.has(slot))
        add('identity', `tells {${slot}} before identity is confirmed; take it out`);
      if (slot === 'date' || slot === 'amount') {
        if (!line.promised) add('facts', `{${slot}} is known only when a promise is read back or made; take it out`);
      } else if (!SURE_SLOTS.has(slot) && !(RUNTIME_SLOTS as readonly string[]).includes(slot)) {
        const guards: readonly string[] | undefined = SLOT_GUARDS[slot];
        if (!guards)
          add(
            'facts',
            `{${slot}} is no known fact; known: ${[...SURE_SLOTS, ...Object.keys(SLOT_GUARDS), ...RUNTIME_SLOTS].join(', ')}`,
          );
        else if (!guards.some((guard) => under.includes(guard) || line.when.includes(guard))) {
          add('facts', `{${slot}} may be missing; put it in [${guards[0]}: …] or give the state when: ${guards[0]}`);
        }
      }
    }
    const word = line.early ? TELLING_WORDS.exec(text)?.[0] : undefined;
    if (word) add('identity', `says ${word} before identity is confirmed; say it in neutral words`);
  }
  return problems;
}

/** The first words name the bank, the robot and the recording. */
function disclosureProblems({ opening }: ScriptSource): readonly Problem[] {
  const first = opening.states[opening.entry];
  const needs = [
    { what: '{bank}', test: /\{bank\}/ },
    { what: 'that a robot speaks (智能语音助理, 机器人)', test: /智能.{0,2}助理|机器人|AI/ },
    { what: 'that the call is recorded (录音)', test: /录音/ },
  ];
  return (first?.say ?? []).flatMap((text) =>
    needs
      .filter(({ test }) => !test.test(text))
      .map(({ what }) => ({
        file: 'opening.yaml',
        state: opening.entry,
        rule: 'disclosure',
        message: `does not say ${what}: ${text}`,
      })),
  );
}
