import { describe, expect, it, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { type Encoding, encodingNamed, encodingOf, LineCensus, strayField } from './encoding.js';

const censusOf = (bytes: Uint8Array, piece = bytes.length) => {
  const census = new LineCensus();
  for (let i = 0; i < bytes.length; i += piece) census.add(bytes.subarray(i, i + piece));
  return census.end();
};
const told = (bytes: Uint8Array, piece?: number) => encodingOf(censusOf(bytes, piece));
const rows = (...names: readonly string[]) =>
  `bank_event_id,name\n${names.map((name, i) => `EV-${i},${name}`).join('\r\n')}\n`;
const SIMPLIFIED = rows('张伟,先生', '王秀英,女士', '欧阳明,先生', '刘洋,先生');

describe('the encoding of a file', () => {
  test.each([
    ['plain ASCII', Buffer.from(rows('Wang')), 'utf-8'],
    ['UTF-8', Buffer.from(SIMPLIFIED), 'utf-8'],
    ['GB18030', iconv.encode(SIMPLIFIED, 'gb18030'), 'gb18030'],
    ['GB18030 with names alone', iconv.encode(rows('张伟', '王秀英', '李娜', '喆轩'), 'gb18030'), 'gb18030'],
    ['GB18030 with traditional names', iconv.encode(rows('陳怡君', '黃俊傑', '林淑芬'), 'gb18030'), 'gb18030'],
    ['GB18030 with a Chinese header alone', iconv.encode('账号,金额,币种\nA1,1.00,CNY\n', 'gb18030'), 'gb18030'],
  ] as const)('is told of %s', (_, bytes, encoding) => {
    expect(told(bytes)).toBe(encoding);
  });

  test.each([
    ['Big5', iconv.encode(rows('陳怡君,陳,先生', '許功蓋,許,先生', '林淑芬,林,先生', '黃俊傑,黃,先生'), 'big5')],
    ['Shift-JIS', iconv.encode(rows('佐藤花子,佐藤,様', '鈴木一郎,鈴木,様', '高橋健太,高橋,様'), 'shift_jis')],
    ['EUC-JP', iconv.encode(rows('佐藤花子,様', '田中一郎,様', '高橋健太,様'), 'euc-jp')],
    ['EUC-KR', iconv.encode(rows('김민준', '이서연', '박지훈', '최수빈'), 'euc-kr')],
    ['Windows-1252', iconv.encode(rows('François Lefèvre', 'Jürgen Weiß', 'Søren Kjær'), 'windows-1252')],
    ['rare characters beside a known word', iconv.encode(rows('先生齾龗靐齉', '先生龘麤靐齾'), 'gb18030')],
    ['one broken byte among ASCII', Buffer.from([0x61, 0x0a, 0xff, 0x0a])],
    ['as many lines in one as in the other', Buffer.concat([Buffer.from('王\n'), iconv.encode('王\n', 'gb18030')])],
  ])('is not guessed of %s', (_, bytes) => {
    expect(told(bytes)).toBeNull();
  });

  it('is what most lines are in, whichever of the two the damaged one is in', () => {
    const [utf8, gb] = [Buffer.from(SIMPLIFIED), iconv.encode(SIMPLIFIED, 'gb18030')];
    expect(told(Buffer.concat([utf8, iconv.encode('EV-9,张伟\n', 'gb18030')]))).toBe('utf-8');
    expect(told(Buffer.concat([gb, Buffer.from('EV-9,张伟\n')]))).toBe('gb18030');
  });

  it('does not depend on how the bytes are cut, and the first line that is not UTF-8 is known', () => {
    const bytes = Buffer.concat([Buffer.from('a\r\n王\rb\n\n'), iconv.encode('王\n', 'gb18030')]);
    for (const piece of [1, 2, 3, 100]) {
      expect(censusOf(bytes, piece)).toMatchObject({ utf8: 1, other: 1, firstOther: 5 });
    }
  });

  it.each([1, 2, 3])('counts a giant line once, however it is cut (%d bytes before it)', (before) => {
    const bytes = Buffer.from(`${'x'.repeat(before)}${'周'.repeat(1_200_000)}\n周\n`);
    expect(censusOf(bytes, 65_536)).toMatchObject({ utf8: 2, other: 0 });
  });

  it('is asked for by any of its names', () => {
    expect(['GBK', 'cp1252', 'Shift-JIS', 'utf8', 'BIG5', 'klingon'].map(encodingNamed)).toEqual([
      'gb18030',
      'windows-1252',
      'shift_jis',
      'utf-8',
      'big5',
      null,
    ]);
  });
});

describe('a field', () => {
  const read = (text: string, written: Encoding, file: Encoding) =>
    strayField(['EV-1', iconv.decode(iconv.encode(text, written), file)], file);

  it('in the encoding of its file is right, and comes out as it was written', () => {
    const names: readonly (readonly [string, Encoding])[] = [
      ['路·马 喆', 'gb18030'],
      ['許功蓋', 'big5'],
      ['佐藤花子', 'shift_jis'],
      ['François Weiß', 'windows-1252'],
      ['𠮷野', 'utf-8'],
      ['𠮷野', 'utf-16le'],
    ];
    expect(names.map(([text, encoding]) => read(text, encoding, encoding))).toEqual(names.map(() => 0));
  });

  test.each([
    ['utf-8', 'gb18030', '张伟'],
    ['utf-8', 'gb18030', '王秀英'],
    ['gb18030', 'utf-8', '张伟'],
    ['utf-8', 'big5', '王明'],
    ['utf-8', 'windows-1252', 'François'],
    ['windows-1252', 'utf-8', 'François'],
  ] as const)('in %s in a file in %s is found (%s)', (written, file, text) => {
    expect(read(text, written, file)).toBe(2);
  });
});
