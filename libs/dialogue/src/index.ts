export { checkScript, type Problem } from './check.js';
export { type CompileOptions, compileScript, preferUnused } from './compile.js';
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
} from './conversation.js';
export { type Dialogue, type DialogueEnd, type DialogueState, dialogueSchema } from './dialogue.js';
export { DialogueTooLarge, FactsMissing, InvalidDialogue } from './errors.js';
export { bareFacts, type DialogueFacts, dialogueFacts } from './facts.js';
export { FORBIDDEN_WORDS, type ForbiddenWord, findForbidden } from './forbidden-words.js';
export { expectedIntents, replay, start, step } from './interpreter.js';
export { readDialogue } from './links.js';
export { parseScripts, type ScriptLibrary } from './parse.js';
export type { LineClass, ScriptSource } from './source.js';
export { spokenAmount, spokenDate, spokenDay, spokenNumber, spokenTail } from './spoken.js';
