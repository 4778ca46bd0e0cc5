import { describe, expect, test } from '@jest/globals';
import { parseScripts } from '../check/parse.js';
import { FactsMissing, InvalidDialogue } from '../errors.js';
import { fullFacts, shippedFiles, someFacts } from '../script/spec-scripts.js';
import { compileScript, preferUnused } from './compile.js';
import { readDialogue } from './links.js';

const { scripts } = parseScripts(shippedFiles);
const script = (name: string) => scripts[name]!;
const first = (name: string, prompt: string, changes: Parameters<typeof someFacts>[0] = {}): string | undefined =>
  compileScript(script(name), someFacts(changes)).prompts[prompt]?.wordings[0]?.text;

describe('compiling a script', () => {
  test.each(Object.keys(scripts))('%s with every fact known stays within 64 KB and survives its JSON', (name) => {
    const dialogue = compileScript(script(name), fullFacts);
    const json = JSON.stringify(dialogue);
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(65_536);
    expect(readDialogue(json)).toEqual(dialogue);
  });

  test('the same facts give the same hash and another amount gives another', () => {
    const hash = (unpaidMin: number) => compileScript(script('l-first'), someFacts({ unpaidMin })).hash;
    expect(hash(100)).toBe(hash(100));
    expect(hash(100)).not.toBe(hash(101));
  });

  test('what an earlier account left behind changes nothing for the next', () => {
    const full = Object.keys(fullFacts) as (keyof typeof fullFacts)[];
    const accounts = [someFacts(), fullFacts, ...full.map((fact) => ({ ...fullFacts, [fact]: someFacts()[fact] }))];
    for (const name of ['l-first', 'h-inform', 'part-paid'])
      for (const facts of [...accounts, ...accounts.toReversed()]) {
        const compile = (source: ReturnType<typeof script>) => {
          try {
            return compileScript(source, facts);
          } catch (error) {
            if (!(error instanceof FactsMissing)) throw error;
            return error.message;
          }
        };
        expect(compile(script(name))).toEqual(compile(structuredClone(script(name))));
      }
  });

  test('a changed dialogue is not read', () => {
    const json = JSON.stringify(compileScript(script('l-first'), someFacts()));
    expect(() => readDialogue(json.replace('请问您今天方便还款吗', '请问您现在方便还款吗'))).toThrow(InvalidDialogue);
    expect(() => readDialogue('{')).toThrow(InvalidDialogue);
    expect(() => readDialogue('{}')).toThrow(InvalidDialogue);
  });

  test('on the last day of promises nothing is asked for before today', () => {
    const { callDate } = someFacts();
    const near = (limitDate: string) => first('h-second', 'globals.near-date', { limitDate });
    expect(near(callDate)).toMatch(/^这个日期晚于今天二十四点。能否在今天二十四点前/);
    expect(near('2026-11-09')).toMatch(/^这个日期晚于十一月九号。能否在十一月九号前/);
  });

  test('an automatic payment is said to have failed only where the bank knows of one that was tried', () => {
    const answer = (autopayTried: boolean) => first('l-first', 'globals.G-autopay', { autopayTried });
    expect(answer(true)).toBe('这次自动还款没有成功，可能是余额不足。您可以手动还款。');
    expect(answer(false)).toBe('目前还没有查到自动还款到账。您可以手动还款。');
  });

  test('a bracket whose fact is missing is not spoken', () => {
    expect(first('l-first', 'l-first.remind')).toBe(
      '提醒您，尾号幺二三四的信用卡最低还款额还差一千二百三十四元五角，到期还款日是十一月一号。请问您今天方便还款吗？',
    );
    expect(first('l-first', 'l-first.remind', { statement: 500_000, inGrace: true, graceEnd: '2026-11-04' })).toBe(
      '提醒您，尾号幺二三四的信用卡本期账单五千元，最低还款额还差一千二百三十四元五角，到期还款日是十一月一号，十一月四号前到账视同按时还款。请问您今天方便还款吗？',
    );
  });

  test.each(['否则警察上门', '最高{name}', '[offers: 好处', '黑 名 单', ''])(
    'a text of the bank that may not be said is not said: %j',
    (text) => {
      const says = first('m-willing', 'm-willing.m-weak', { dpd: 4, term: 'mid', benefits: text });
      expect(says).toContain('可能影响这张卡的使用。');
      const offered = compileScript(script('l-first'), someFacts({ offers: text }));
      expect(offered.prompts['globals.instalment-ask']!.wordings[0]!.text).toContain('分期和减免需要人工审核');
      expect(first('l-first', 'opening.greet', { salutation: text })).toContain('请问您是{name}本人吗');
    },
  );

  test('grace is spoken on its last day and no more on the day after', () => {
    const on = (callDate: string) =>
      first('l-first', 'l-first.remind', { inGrace: true, graceEnd: '2026-11-04', callDate });
    expect(on('2026-11-04')).toContain('视同按时还款');
    expect(on('2026-11-05')).not.toContain('视同按时还款');
  });

  test.each([
    [4, false],
    [5, true],
  ])('on day %d the credit record is spoken of: %s', (dpd, spoken) => {
    const says = first('h-inform', 'h-inform.h-credit', { dpd, term: 'mid' });
    expect(says?.includes('如实报送')).toBe(spoken);
  });

  test('the credit record is not spoken of in grace', () => {
    expect(first('h-inform', 'h-inform.h-credit', { dpd: 5, inGrace: true })).not.toContain('报送');
  });

  test.each([
    [5, false],
    [6, true],
  ])('on day %d the duty under law is spoken of: %s; below its floor the policy takes its place', (dpd, spoken) => {
    const dialogue = compileScript(script('h-inform'), someFacts({ dpd, term: 'mid' }));
    expect('h-legal' in dialogue.states).toBe(spoken);
    expect(dialogue.states['h-credit']!.expect['refuses']!.to).toBe(spoken ? 'h-legal' : 'h-policy');
  });

  test.each([
    ['short', false, 3, '已过到期还款日'],
    ['mid', true, 4, '已过到期还款日'],
    ['mid', false, 4, '已逾期四天'],
    ['long', false, 12, '已逾期十二天'],
  ] as const)('term %s, in grace %s, day %d is spoken of as %s', (term, inGrace, dpd, words) => {
    expect(first('m-willing', 'm-willing.willing', { term, inGrace, dpd })).toContain(words);
  });

  test('a shared number asks for digits before the body', () => {
    const edge = (sharedNumber: boolean) =>
      compileScript(script('l-first'), someFacts({ sharedNumber })).states['greet']!.expect['yes'];
    expect(edge(false)).toEqual({ to: 'remind', identity: 'confirmed' });
    expect(edge(true)).toEqual({ to: 'digits' });
  });

  test('a script whose facts are missing is refused by name', () => {
    expect(() => compileScript(script('broken'), someFacts({ promised: null }))).toThrow(FactsMissing);
  });

  test('the chosen wording is said first and an unknown choice falls back to the first', () => {
    const said = (chooseWording: (id: string, ids: readonly string[]) => string) =>
      compileScript(script('l-first'), someFacts(), { chooseWording }).prompts['l-first.remind']!.wordings[0]!.text;
    expect(said((_id, ids) => ids[2]!)).toContain('请问今天方便处理吗');
    expect(said(() => 'gone')).toContain('请问您今天方便还款吗');
  });

  test('no wording is used twice while another is left, then the least recent one', () => {
    const used: string[] = [];
    for (let call = 0; call < 7; call++) {
      const dialogue = compileScript(script('l-first'), someFacts(), { chooseWording: preferUnused(used) });
      used.push(dialogue.prompts['l-first.remind']!.wordings[0]!.id);
    }
    expect(new Set(used.slice(0, 3)).size).toBe(3);
    expect(used.slice(3, 6)).toEqual(used.slice(0, 3));
    expect(used[6]).toBe(used[0]);
  });

  test('in a call too the wording heard longest ago comes before one heard lately', () => {
    const all = compileScript(script('l-first'), someFacts()).prompts['l-first.remind']!.wordings.map(({ id }) => id);
    const next = (heard: readonly string[]) =>
      compileScript(script('l-first'), someFacts(), {
        heard: () => heard,
        chooseWording: () => all[0]!,
      }).prompts['l-first.remind']!.wordings.map(({ id }) => id);
    expect(next([all[1]!])).toEqual([all[0], all[2], all[1]]);
    expect(next([all[2]!, all[1]!])).toEqual([all[0], all[2], all[1]]);
  });

  test('a compiled dialogue names nobody', () => {
    expect(JSON.stringify(compileScript(script('l-first'), someFacts({ salutation: '女士' })))).toContain('{name}女士');
  });

  test('the floors that the strategy gives steer what is said, not constants', () => {
    const none = { interest: false, fee: false, benefits: false, credit: false, legal: false };
    const late = { dpd: 8, term: 'long', tier: 'H', interest: 100, lateFee: 200, feesAsOf: '2026-11-08' } as const;
    const all = { ...late, mayTell: { interest: true, fee: true, benefits: true, credit: true, legal: true } };
    const line = (id: string, prompt: string, of: Parameters<typeof someFacts>[0]) => first(id, prompt, of) ?? '';
    expect(line('h-inform', 'h-inform.h-credit', { ...late, mayTell: none })).not.toContain('报送');
    expect(line('h-inform', 'h-inform.h-credit', { ...all, dpd: 1, inGrace: true })).toContain('报送');
    expect('h-legal' in compileScript(script('h-inform'), someFacts({ ...late, mayTell: none })).states).toBe(false);
    for (const [prompt, words] of [
      ['m-willing.m-defer', '利息'],
      ['m-willing.m-weak', '影响这张卡'],
      ['m-willing.m-refuse', '违约金'],
    ] as const) {
      expect(line('m-willing', prompt, { ...late, mayTell: none })).not.toContain(words);
      expect(line('m-willing', prompt, all)).toContain(words);
    }
    expect(line('m-willing', 'globals.G-interest', { ...all, mayTell: { ...all.mayTell, fee: false } })).not.toContain(
      '三元',
    );
    expect(line('m-willing', 'globals.G-interest', all)).toContain('三元');
  });

  test.each([
    [{ before: '新台币', unit: '元', decimals: 2 }, '还差新台币一千二百三十四元五角'],
    [{ before: '', unit: '日元', decimals: 0 }, '还差十二万三千四百五十日元'],
    [{ before: '', unit: '美元', decimals: 2 }, '还差一千二百三十四点五美元'],
    [{ before: '', unit: '港元', decimals: 2 }, '还差一千二百三十四点五港元'],
  ])('an amount is said in the words of its currency %j', (money, words) => {
    expect(first('l-first', 'l-first.remind', { money })).toContain(words);
  });

  test.each(Object.keys(scripts).filter((name) => name !== 'broken'))(
    'no amount of a currency without a name is spoken in %s',
    (name) => {
      const { prompts } = compileScript(script(name), { ...fullFacts, money: null, others: [] });
      const said = Object.values(prompts).flatMap(({ wordings }) => wordings.map(({ text }) => text));
      expect(said.filter((text) => /[一二三四五六七八九十百千万零][元角分]/.test(text))).toEqual([]);
      expect(said.length).toBeGreaterThan(20);
    },
  );
});
