import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { partsOf, segmentsOf } from './parts.js';

const han = (n: number) => '汉'.repeat(n);

describe('parts of an SMS', () => {
  it.each([
    ['66×汉 + 😀 + 66×汉', `${han(66)}😀${han(66)}`, 3],
    ['66×汉 + 𠮷 + 66×汉', `${han(66)}𠮷${han(66)}`, 3],
    ['152×a + { + 152×a', `${'a'.repeat(152)}{${'a'.repeat(152)}`, 3],
    ['153×]', ']'.repeat(153), 3],
    ['67×汉 + 67×汉', han(134), 2],
    ['68×汉 + 😀', `${han(68)}😀`, 1],
    ['69×汉 + 😀', `${han(69)}😀`, 2],
    ['80×]', ']'.repeat(80), 1],
    ['nothing', '', 1],
  ])('of %s', (_what, text, parts) => {
    expect(segmentsOf(text).segments).toBe(parts);
  });

  it('are the text again, each as long as the network takes, and none ends inside a character', () => {
    const character = fc.constantFrom('汉', '😀', '𠮷', 'a', '{', ']', '€');
    fc.assert(
      fc.property(fc.array(character, { maxLength: 400 }), (characters) => {
        const text = characters.join('');
        const { encoding, parts } = partsOf(text);
        expect(parts.join('')).toBe(text);
        for (const part of parts) {
          const isOnly = parts.length === 1;
          expect(part).not.toMatch(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
          const septets = [...part].reduce((sum, one) => sum + ('{]€'.includes(one) ? 2 : 1), 0);
          if (encoding === 'UCS2') expect(part.length).toBeLessThanOrEqual(isOnly ? 70 : 67);
          else expect(septets).toBeLessThanOrEqual(isOnly ? 160 : 153);
        }
      }),
    );
  });
});
