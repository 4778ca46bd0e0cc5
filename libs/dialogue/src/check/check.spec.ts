import { describe, expect, test } from '@jest/globals';
import { shippedFiles } from '../script/spec-scripts.js';
import { parseScripts } from './parse.js';
import { REQUIRED_GLOBALS } from './required-globals.js';

/** The shipped scripts with one text of one file replaced. */
function problemsWith(file: string, from: string | RegExp, to: string): readonly string[] {
  const text = shippedFiles[file]!.replace(from, to);
  if (text === shippedFiles[file]) throw new Error(`nothing replaced in ${file}`);
  return parseScripts({ ...shippedFiles, [file]: text }).problems.map(
    (found) => `${found.file} ${found.state} ${found.rule}: ${found.message}`,
  );
}

describe('a script that may not be published', () => {
  test('the shipped scripts have no problem', () => {
    const library = parseScripts(shippedFiles);
    expect(library.problems).toEqual([]);
    expect(Object.keys(library.scripts)).toEqual([
      'broken',
      'h-inform',
      'h-second',
      'l-first',
      'l-second',
      'm-second',
      'm-willing',
      'paid-check',
      'part-paid',
    ]);
  });

  test.each([
    [
      'a body reached before identity',
      'opening.yaml',
      "'yes': { to: '@body', identity: confirmed, shared: digits }",
      "'yes': '@body'",
      /l-first.yaml remind identity: is of class debt/,
    ],
    [
      'a debt state reached by a silence',
      'opening.yaml',
      'silence: hello',
      'silence: ask-date',
      /globals.yaml ask-date identity/,
    ],
    [
      'a debt answer before identity',
      'globals.yaml',
      'intent: G-amount\n    before: need-id',
      'intent: G-amount\n    before: answer',
      /G-amount identity: answers with class debt/,
    ],
    [
      'a debt word in a plain line before identity',
      'opening.yaml',
      '有一项业务需要',
      '有一笔欠款需要',
      /opening.yaml who identity: says 欠/,
    ],
    [
      'a debt slot before identity',
      'opening.yaml',
      '打扰了。',
      '打扰了{tail}。',
      /opening.yaml third identity: tells \{tail\}/,
    ],
    [
      'a first line without the bank',
      'opening.yaml',
      '您好，这里是{bank}，我是',
      '您好，我是',
      /opening.yaml greet disclosure: does not say \{bank\}/,
    ],
    ['a first line without the recording', 'opening.yaml', '通话会有录音', '您好', /greet disclosure: .*录音/],
    [
      'a first line without the robot',
      'opening.yaml',
      '{bank}智能语音助理为您',
      '{bank}为您',
      /greet disclosure: .*robot/,
    ],
    [
      'a name that does not exist',
      'l-first.yaml',
      'vague: ask-date',
      'vague: ask-day',
      /l-first.yaml remind names: leads to ask-day/,
    ],
    ['a state without answers', 'opening.yaml', 'goto: end-third', 'class: plain', /third-private way-out/],
    [
      'a last way out that is no end',
      'globals.yaml',
      'hangup: { before: end-hung-up',
      'hangup: { before: who',
      /hangup way-out: must lead to an end/,
    ],
    [
      'a cycle without bound',
      'globals.yaml',
      'atMost: { times: 2, next: end-no-promise }\n    say:\n      - 请问哪一天',
      'say:\n      - 请问哪一天',
      /globals.yaml ask-date loops/,
    ],
    [
      'a bound that leads back to itself',
      'globals.yaml',
      'atMost: { times: 1, next: offer }',
      'atMost: { times: 1, next: why }',
      /why loops: its atMost/,
    ],
    ['two wordings', 'l-first.yaml', /\n {6}- '您尾号.*'/, '', /remind wordings: has 2/],
    [
      'the same wording twice',
      'ends.yaml',
      '谢谢您的配合，再见。',
      '好的，谢谢您，再见。',
      /end-promise wordings: has 2/,
    ],
    [
      'a fact without its when',
      'l-first.yaml',
      '[statement: 本期账单{statement}元，]',
      '本期账单{statement}元，',
      /remind facts: \{statement\} may be missing/,
    ],
    ['an unknown fact', 'l-first.yaml', '{dueDate}', '{payDay}', /remind facts: \{payDay\} is no known fact/],
    [
      'a date where none was promised',
      'l-first.yaml',
      '提醒您，',
      '提醒您{date}，',
      /remind facts: \{date\} is known only/,
    ],
    ['an unknown bracket', 'l-first.yaml', '[graceEnd: ', '[mercy: ', /remind format: unknown condition/],
    [
      'a credit line without approver',
      'h-inform.yaml',
      'class: credit\n    approver: compliance',
      'class: credit',
      /h-credit approver/,
    ],
    ['a threat', 'm-willing.yaml', '理解您需要时间。', '后果自负。', /m-defer forbidden: says 后果自负 \(threat\)/],
    ['a when without else', 'h-inform.yaml', '\n    else: h-policy', '', /h-legal when: has a when but no else/],
    [
      'a global that is not answered',
      'globals.yaml',
      '  - { intent: G-deceased, before: answer, to: end-deceased }\n',
      '',
      /G-deceased globals: is not answered/,
    ],
    [
      'a global without an answer',
      'globals.yaml',
      'before: answer, to: end-language',
      'before: answer',
      /G-language globals: has no answer/,
    ],
    [
      'a state that answers distress itself',
      'opening.yaml',
      'G-who: who',
      'G-distress: who',
      /greet globals: answers G-distress/,
    ],
    [
      'an end without disposition',
      'ends.yaml',
      '    disposition: promised\n',
      '',
      /ends.yaml null format: ends.end-promise.disposition/,
    ],
    [
      'an end with an unknown disposition',
      'ends.yaml',
      'disposition: promised',
      'disposition: paid',
      /ends.end-promise.disposition/,
    ],
    ['broken YAML', 'l-first.yaml', 'states:', 'states: [', /l-first.yaml null format/],
    [
      'a misspelt field',
      'l-first.yaml',
      'class: debt',
      'klass: debt',
      /l-first.yaml null format: states.remind: Unrecognized key/,
    ],
  ])('is refused for %s', (_what, file, from, to, expected) => {
    expect(problemsWith(file, from, to)).toContainEqual(expect.stringMatching(expected));
  });

  test('is refused for globals out of their order', () => {
    const swapped = shippedFiles['globals.yaml']!.replace(
      /( {2}- \{ intent: G-complaint.*\n)( {2}- \{ intent: G-stop.*\n)/,
      '$2$1',
    );
    const { problems } = parseScripts({ ...shippedFiles, 'globals.yaml': swapped });
    expect(problems.map((found) => found.rule)).toContain('globals');
  });

  test('names a missing shared file', () => {
    const { 'ends.yaml': _gone, ...rest } = shippedFiles;
    expect(parseScripts(rest)).toEqual({
      scripts: {},
      problems: [{ file: 'ends.yaml', state: null, rule: 'format', message: 'the file is missing; add it' }],
    });
  });

  test.each(REQUIRED_GLOBALS)(
    'is refused where %s is not answered; there are 36 beside silence and unclear',
    (intent) => {
      expect(REQUIRED_GLOBALS).toHaveLength(36);
      const text = shippedFiles['globals.yaml']!.replace(new RegExp(`intent: ${intent}(?![-a-z])`), 'intent: G-other');
      const { problems } = parseScripts({ ...shippedFiles, 'globals.yaml': text });
      expect(problems).toContainEqual(expect.objectContaining({ state: intent, rule: 'globals' }));
    },
  );
});
