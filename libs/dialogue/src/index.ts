export { checkScript } from './check/check.js';
export { parseScripts, type ScriptLibrary } from './check/parse.js';
export type { Problem } from './check/problem.js';
export { type CompileOptions, compileScript, preferUnused } from './compile/compile.js';
export { type Dialogue, type DialogueEnd, type DialogueState, dialogueSchema } from './compile/dialogue.js';
export { readDialogue } from './compile/links.js';
export { DialogueTooLarge, FactsMissing, InvalidDialogue } from './errors.js';
export { bareFacts, type DialogueFacts, dialogueFacts, type Money } from './script/facts.js';
export { FORBIDDEN_WORDS, type ForbiddenWord, findForbidden, speakable } from './script/forbidden-words.js';
export type { LineClass, ScriptSource } from './script/source.js';
export { spokenAmount, spokenDate, spokenDay, spokenNumber, spokenTail } from './spoken/spoken.js';
export type {
  Candidate,
  Conversation,
  Effect,
  HeardSlots,
  Input,
  Replayed,
  Say,
  StartContext,
  Started,
  Stepped,
  TurnPart,
} from './talk/conversation.js';
export { expectedIntents, replay, start, step } from './talk/interpreter.js';
