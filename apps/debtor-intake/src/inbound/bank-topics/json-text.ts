/**
 * JSON of strangers: the grammar is `JSON.parse`'s, but nesting is bounded before it is parsed, a name that is there twice or
 * is called `__proto__` is refused, and a number keeps the text it was written in.
 */

/** A number as it was written: no digit is lost to binary fractions. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

export type Json = null | boolean | string | JsonNumber | readonly Json[] | { readonly [name: string]: Json };

export type ParsedJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: string; readonly value: string };

const MOST_LEVELS = 8;

type Reviver = (this: unknown, name: string, value: unknown, context: { readonly source?: string }) => unknown;
/** The third argument is not in TypeScript's library yet. */
const parse = JSON.parse as (text: string, reviver: Reviver) => Json;

const keepNumbers: Reviver = (_name, value, { source }) =>
  typeof value === 'number' ? new JsonNumber(source ?? String(value)) : value;

export const parseJson = (text: string): ParsedJson => {
  const unfit = findUnfit(text);
  if (unfit !== null) return { ok: false, ...unfit };
  try {
    return { ok: true, value: parse(text, keepNumbers) };
  } catch {
    return no('is not JSON');
  }
};

export const isJsonObject = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);

const no = (reason: string, value = '') => ({ ok: false, reason, value }) as const;

/** Walks over the tokens without building anything; what is no JSON is left to the parser to say. */
const findUnfit = (text: string): { readonly reason: string; readonly value: string } | null => {
  /** Names of each open object; null: an open array. */
  const open: (Set<string> | null)[] = [];
  let nameNext = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[':
        if (open.length >= MOST_LEVELS) return { reason: `is nested deeper than ${MOST_LEVELS} levels`, value: '' };
        nameNext = text[at] === '{';
        open.push(nameNext ? new Set() : null);
        break;
      case '}':
      case ']':
        open.pop();
        nameNext = false;
        break;
      case ',':
        nameNext = (open.at(-1) ?? null) !== null;
        break;
      case '"': {
        const end = endOfString(text, at);
        const names = open.at(-1);
        if (nameNext && names) {
          const name = nameIn(text.slice(at, end + 1));
          if (name === '__proto__') return { reason: 'has a field named __proto__', value: name };
          if (names.has(name)) return { reason: 'has a field twice', value: name };
          names.add(name);
        }
        nameNext = false;
        at = end;
        break;
      }
    }
  }
  return null;
};

const endOfString = (text: string, start: number): number => {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
};

/** Escapes resolved: `"\u005f_proto__"` is a name like any other. */
const nameIn = (token: string): string => {
  try {
    return String(JSON.parse(token));
  } catch {
    return token;
  }
};
