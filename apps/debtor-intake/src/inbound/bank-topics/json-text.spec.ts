import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { JsonNumber, parseJson } from './json-text.js';

const plain = (value: unknown): unknown => {
  if (value instanceof JsonNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value;
};

describe('JSON of strangers', () => {
  it('says what JSON.parse says, but for depth, doubled names and __proto__', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4, noUnicodeString: false }), (text) => {
        const parsed = parseJson(text);
        if (parsed.ok) expect(plain(parsed.value)).toEqual(JSON.parse(text));
        else expect(text).toMatch(/__proto__/);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused or parsed, whatever the text is', () => {
    const token = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '"a"', '1', '-', 'null', '\\u0041', ' ');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
        const text = tokens.join('');
        let grammatical = true;
        try {
          JSON.parse(text);
        } catch {
          grammatical = false;
        }
        const parsed = parseJson(text);
        if (parsed.ok) expect(grammatical).toBe(true);
        else if (grammatical) expect(parsed.reason).not.toBe('is not JSON');
      }),
      { numRuns: 2_000 },
    );
  });

  it('tells a name that is there twice in one object from one that is in two', () => {
    expect(parseJson('[{"a":1},{"a":{"a":2}},["a","a"]]').ok).toBe(true);
    expect(parseJson('{"a":1,"b":{"c":2},"\\u0061":3}')).toEqual({
      ok: false,
      reason: 'has a field twice',
      value: 'a',
    });
  });

  it('keeps numbers as they are written', () => {
    const parsed = parseJson('[1.10, 1e2, 12345678901234567890]');
    expect(parsed).toEqual({ ok: true, value: ['1.10', '1e2', '12345678901234567890'].map((n) => new JsonNumber(n)) });
  });
});
