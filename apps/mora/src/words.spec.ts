import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, test } from '@jest/globals';
import { inBankTime } from './times.js';
import { languageOf, say } from './words.js';
import { CHINESE } from './words.zh.js';

test.each([
  [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
  [{ LANG: 'zh_TW' }, 'zh'],
  [{ LANG: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
  [{ LANG: 'C', LC_ALL: '' }, 'en'],
  [{ LANG: 'C', MORA_LANG: 'zh' }, 'zh'],
  [{}, 'en'],
])('%j is read as %s', (environment, language) => {
  expect(languageOf(environment)).toBe(language);
});

it('fills what is named, and leaves the rest', () => {
  expect(say('goes on at {at}', { at: 'noon' }, 'zh')).toBe('从 noon 继续');
  expect(say('goes on at {at}', { at: 'noon' }, 'en')).toBe('goes on at noon');
  expect(say('{n} unheard of', {}, 'zh')).toBe('{n} unheard of');
});

it('knows every sentence of the sources in Chinese, with the same places to fill', () => {
  const folder = dirname(fileURLToPath(import.meta.url));
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !/\.spec\.ts$|^words/.test(name));
  const said = sources.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/\bsay\(\s*'((?:\\.|[^'\\])*)'/g)].map(([, text]) => text!),
  );
  expect(said.length).toBeGreaterThan(15);
  expect(said.filter((text) => !(text in CHINESE))).toEqual([]);
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
  for (const [english, chinese] of Object.entries(CHINESE)) expect(places(chinese)).toEqual(places(english));
});

it('an instant is told in the bank’s zone, and nothing else is changed', () => {
  expect(inBankTime('2026-11-02T16:30:05.123Z')).toBe('2026-11-03 00:30:05');
  expect(inBankTime('2026-11-02')).toBe('2026-11-02');
  expect(inBankTime(5)).toBe(5);
});
