import { describe, expect, it } from '@jest/globals';
import { canonicalForm, joinBlobs, splitBlobs, strategyHash } from '../package/canonical.js';
import { StrategyUnfit, strategyProvider } from '../package/provider.js';
import { packageFiles, packageHash, strategy } from '../package.fixture.js';
import { forbiddenWordsIn, protectedAttributeIn } from './lint.js';
import { describeProblem, loadStrategyFolder, problemsOf as problemsOfValue } from './load.js';

const problemsOf = (changes: Readonly<Record<string, string | undefined>>) => {
  const files = Object.fromEntries(
    Object.entries({ ...packageFiles, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const loaded = loadStrategyFolder(files);
  return loaded.ok ? [] : loaded.problems.map(describeProblem);
};
const edited = (file: string, from: string, to: string) => {
  expect(packageFiles[file]).toContain(from);
  return problemsOf({ [file]: packageFiles[file]!.replace(from, to) });
};

describe('a strategy package', () => {
  it('has the same hash in another layout, and another with another number', () => {
    const relaid = loadStrategyFolder({
      ...packageFiles,
      'caps.yaml': `# a comment\n${packageFiles['caps.yaml']!.replace('conversations: 1, connected: 2', 'connected: 2, conversations: 1')}`,
    });
    expect(relaid).toMatchObject({ ok: true, hash: packageHash });
    const changed = loadStrategyFolder({
      ...packageFiles,
      'caps.yaml': packageFiles['caps.yaml']!.replace('connected: 2', 'connected: 3'),
    });
    expect(changed.ok && changed.hash !== packageHash).toBe(true);
  });

  it('refuses an unknown key with file, line and path', () => {
    expect(edited('caps.yaml', 'ringSeconds: 35', 'ringSeconds: 35\nringSecond: 3')).toEqual([
      'caps.yaml:5 ringSecond: unknown key "ringSecond"; remove it or correct its spelling',
    ]);
  });
  it('names a missing key, a wrong type and a number out of range', () => {
    expect(edited('caps.yaml', 'ringSeconds: 35\n', '')[0]).toMatch(/^caps\.yaml:\d+ ringSeconds: is missing; add it/);
    expect(edited('caps.yaml', 'ringSeconds: 35', 'ringSeconds: soon')[0]).toMatch(/^caps\.yaml:4 ringSeconds: /);
    expect(edited('caps.yaml', 'ringSeconds: 35', 'ringSeconds: 14')[0]).toMatch(/^caps\.yaml:4 ringSeconds: /);
    expect(edited('day-plan.yaml', "from: '09:30'", "from: '9:30'")[0]).toMatch(
      /^day-plan\.yaml:5 windows\.workday\.W1\.from: write a time of day/,
    );
  });
  it('names a line inside a list', () => {
    expect(edited('calendar.yaml', "- '2026-05-09'", "- '2026-05-32'")[0]).toMatch(
      /^calendar\.yaml:28 workingWeekends\.3: write a date/,
    );
  });
  it('names broken YAML with its line, and duplicate keys', () => {
    expect(problemsOf({ 'caps.yaml': 'perDay: {\n' })[0]).toMatch(/^caps\.yaml:\d+: not valid YAML/);
    expect(problemsOf({ 'caps.yaml': `${packageFiles['caps.yaml']}ringSeconds: 36\n` })[0]).toMatch(
      /^caps\.yaml:9: not valid YAML: Map keys must be unique/,
    );
  });
  it('names missing files, unknown files and missing scripts', () => {
    expect(problemsOf({ 'tiers.yaml': undefined })).toEqual(['tiers.yaml: the file is missing; add it to the package']);
    expect(problemsOf({ 'tires.yaml': 'a: 1' })).toEqual(['tires.yaml: is no file of a strategy; remove or rename it']);
    expect(problemsOf({ 'scripts/l-first.yaml': undefined })[0]).toMatch(
      /^day-plan\.yaml:\d+ scripts\.L\.first: there is no scripts\/l-first\.yaml/,
    );
  });
  it('lists the problems of every file at once', () => {
    expect(problemsOf({ 'tiers.yaml': undefined, 'caps.yaml': 'perDay: {\n' }).length).toBeGreaterThanOrEqual(2);
  });
  it('refuses protected attributes wherever they are named', () => {
    expect(
      edited('tiers.yaml', 'clamp: 1', 'clamp: 1\nage: 30').some((one) => one.includes('protected attribute "age"')),
    ).toBe(true);
    expect(edited('arms.yaml', 'experiment: cn-early-delinquency-1', 'experiment: by-gender')[0]).toContain(
      'arms.yaml:2 experiment: names the protected attribute "gender"',
    );
    expect(problemsOf({ 'scripts/x.yaml': 'when: debtor.maritalStatus == 1' })[0]).toContain(
      'protected attribute "marital"',
    );
    expect(['language', 'message', 'page', 'stage', 'passage'].map(protectedAttributeIn)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(['customerAge', 'debtor_sex', '按年龄分组', 'ethnicity'].map(protectedAttributeIn)).toEqual([
      'age',
      'sex',
      '年龄',
      'ethnicity',
    ]);
  });
  it('refuses forbidden wording, also when it is spaced out', () => {
    expect(edited('templates.yaml', '您约定的还款尚未到账。', '再不还款将被起诉立案。')[0]).toMatch(
      /^templates\.yaml:\d+ history\.broken\.text: forbidden wording: 立案/,
    );
    expect([forbiddenWordsIn('黑 名·单'), forbiddenWordsIn('如实报送征信系统')]).toEqual([['黑名单'], []]);
  });
  it('refuses a script that the compiler refuses, with file, line and state', () => {
    expect(edited('scripts/l-first.yaml', '请问您今天方便还款吗？', '不还的话警察上门。')[0]).toMatch(
      /^scripts\/l-first\.yaml:\d+ remind: forbidden: says /,
    );
    expect(edited('scripts/l-first.yaml', 'vague: ask-date', 'vague: nowhere').length).toBeGreaterThan(0);
    expect(edited('scripts/ends.yaml', 'disposition: promised', 'disposition: promise').length).toBeGreaterThan(0);
  });
  it.each(['上[credit: 门]', '上 门', '上\u200b门', '上.门'])('is not misled by %s in a script', (threat) => {
    const found = edited('scripts/l-first.yaml', '请问您今天方便还款吗？', `我们会${threat}。`).join('\n');
    expect(found).toContain('forbidden');
  });
  it('holds as one value too: a published one with a problem is refused by whoever takes it up', () => {
    expect(problemsOfValue(strategy)).toEqual([]);
    const threat = JSON.parse(canonicalForm(strategy).replaceAll('请问您今天方便还款吗？', '否则我们上门。')) as never;
    expect(problemsOfValue(threat).map(({ file }) => file)).toContain('scripts/l-first.yaml');
    expect(() => strategyProvider(() => canonicalForm(threat))(strategyHash(threat))).toThrow(StrategyUnfit);
    expect(strategyProvider(() => canonicalForm(strategy))(packageHash)).toEqual(strategy);
  });
  it('refuses credit and legal texts without an approver', () => {
    expect(edited('templates.yaml', '    class: legal\n    approver: legal\n', '    class: legal\n')[0]).toContain(
      'templates.c: class legal needs an approver',
    );
  });
  it('refuses a text that may become longer than three parts, and slots nobody fills', () => {
    expect(
      edited('templates.yaml', '我们此前已与您联系。', '我'.repeat(90)).some((one) =>
        one.includes('characters with the longest values'),
      ),
    ).toBe(true);
    expect(edited('templates.yaml', '我们将于{slot}', '我们将于{slit}')[0]).toContain('no longest value for {slit}');
  });
  it.each<[string, string, string, string]>([
    ['arms.yaml', 'probability: 0.98', 'probability: 0.97', 'make them sum to 1'],
    ['arms.yaml', 'fallback: champion', 'fallback: holdout', 'must be an arm that is no holdout'],
    [
      'day-plan.yaml',
      'noRpc: { max: 2, windows: [W2, W3] }',
      'noRpc: { max: 2, windows: [W2, W9] }',
      'window W9 is not among',
    ],
    [
      'day-plan.yaml',
      "W1: { from: '09:30', to: '11:30' }",
      "W1: { from: '11:30', to: '11:30' }",
      'ends (11:30) before it begins',
    ],
    ['voices.yaml', 'L: [F1, M1]', 'L: [F1, M9]', 'voice M9 is not defined'],
    ['strategy.yaml', 'zone: Asia/Shanghai', 'zone: Asia/Shanghia', 'is no time zone'],
    ['strategy.yaml', 'normalFrom: 10000,', 'normalFrom: 300000,', 'amounts must rise'],
  ])('refuses in %s: %s → %s', (file, from, to, message) => {
    expect(edited(file, from, to)[0]).toContain(message);
  });
});

describe('canonical form', () => {
  it('is split into blobs of at most 256 KB and joined again, whatever the cut', () => {
    const canonical = canonicalForm(strategy);
    for (const limit of [1000, 4096, 262_144]) {
      const blobs = splitBlobs(canonical, limit);
      for (const blob of blobs) expect(Buffer.byteLength(blob)).toBeLessThanOrEqual(limit);
      const joined = joinBlobs(blobs, packageHash);
      expect(strategyHash(joined)).toBe(packageHash);
    }
    expect(splitBlobs('a😀b', 4)).toEqual(['a', '😀', 'b']);
  });
  it('refuses blobs that are missing, swapped or altered', () => {
    const blobs = splitBlobs(canonicalForm(strategy), 20_000);
    expect(blobs.length).toBeGreaterThan(2);
    const mismatch = expect.objectContaining({ code: 'STRATEGY_BLOB_MISMATCH', expected: packageHash });
    for (const wrong of [blobs.slice(1), [...blobs].reverse(), [...blobs, ' ']]) {
      expect(() => joinBlobs(wrong, packageHash)).toThrow(mismatch as unknown as Error);
    }
  });
});
