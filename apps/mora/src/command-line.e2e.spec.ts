import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { Product, type Started, until } from './testing/product.js';

const BOOK = ['--accounts', '40', '--days', '2', '--seed', '5'];

interface CaseLine {
  readonly case_id: string;
  readonly debtor_id: string;
  readonly account_id: string;
  readonly attempts: number | null;
}
interface CallLine {
  readonly attempt_id: string;
  readonly debtor_id: string;
  readonly conversation: boolean;
}

/** One clear line, a code other than 0, no stack trace. */
const refusesWith = async (product: Product, args: readonly string[], words: RegExp): Promise<void> => {
  const { code, stdout, stderr } = await product.ask(...args);
  const said = stderr.trimEnd();
  expect({ args, code: code !== 0, stdout, lines: said.split('\n').length }).toEqual({
    args,
    code: true,
    stdout: '',
    lines: 1,
  });
  expect(said).toMatch(words);
  expect(said).not.toMatch(/^\s+at /m);
};

const questions = (of: () => Product): void => {
  it('status tells the business time and what is stored', async () => {
    expect(await of().json('status')).toMatchObject({
      businessTime: '2026-11-03T16:00:00.000Z',
      accounts: 40,
      stoppedFeeds: {},
    });
    expect((await of().ask('status')).stdout).toContain('businessTime');
  });

  it('cases are listed, filtered and shown with calls and timeline', async () => {
    const all = await of().json<readonly CaseLine[]>('cases', 'list');
    expect(all.length).toBeGreaterThan(20);
    const cured = await of().json<readonly CaseLine[]>('cases', 'list', '--state', 'cured');
    expect(cured.length).toBeLessThan(all.length);
    const called = all.find(({ attempts }) => (attempts ?? 0) > 0)!;
    const shown = await of().json<{ calls: unknown[]; timeline: unknown[] }>('cases', 'show', called.case_id);
    expect(shown.calls.length).toBeGreaterThan(0);
    expect(shown.timeline.length).toBeGreaterThan(3);
    expect((await of().ask('cases', 'list')).stdout).toContain(called.account_id);
    expect((await of().ask('cases', 'show', called.case_id)).stdout).toContain('timeline');
  });

  it('calls are shown turn by turn with the rules that allowed them', async () => {
    const calls = await of().json<readonly CallLine[]>('calls', 'list', '--limit', '1000');
    const talked = calls.find(({ conversation }) => conversation)!;
    const shown = await of().json<{ turns: unknown[]; verdict: { result: string; rules: { ruleId: string }[] } }>(
      'calls',
      'show',
      talked.attempt_id,
    );
    expect(shown.turns.length).toBeGreaterThan(0);
    expect(shown.verdict.result).toBe('allowed');
    expect(shown.verdict.rules.map(({ ruleId }) => ruleId)).toEqual(
      expect.arrayContaining(['CN-HOURS', 'CN-CONNECTED', 'CN-ATTEMPTS', 'CN-PAID']),
    );
    expect((await of().ask('calls', 'list')).stdout).toContain(calls[0]!.attempt_id);
    expect((await of().ask('calls', 'show', talked.attempt_id)).stdout).toContain('CN-HOURS');
  });

  it('the words of a call are shown to who asks for them, and masked otherwise', async () => {
    const calls = await of().json<readonly CallLine[]>('calls', 'list', '--limit', '1000');
    const { attempt_id } = calls.find(({ conversation }) => conversation)!;
    const masked = (await of().ask('calls', 'show', attempt_id)).stdout;
    expect(masked).toContain('words are masked');
    expect(masked).not.toContain('语音助理');
    const { words } = await of().json<{ words: { said: string | null; heard: string | null }[] }>(
      'calls',
      'show',
      attempt_id,
      '--reveal',
    );
    expect(words[0]!.said).toContain('语音助理');
    expect(words.some(({ heard }) => heard !== null)).toBe(true);
    expect((await of().ask('calls', 'show', attempt_id, '--reveal')).stdout).toContain('robot: ');
  });

  it('figures of a day, of a period and by a cut', async () => {
    const figuresOf = (...args: readonly string[]) =>
      of().json<{ figures: { id: string; cut: string | null; numerator: number }[] }>('figures', ...args);
    const dialed = async (...args: readonly string[]) =>
      (await figuresOf(...args)).figures
        .filter(({ id }) => id === 'dialed')
        .map(({ cut, numerator }) => [cut, numerator]);
    const calls = await of().json<readonly CallLine[]>('calls', 'list', '--limit', '1000');
    expect(await dialed('--from', '2026-11-02', '--to', '2026-11-03')).toEqual([[null, calls.length]]);
    expect(await dialed('--day', '2001-01-01')).toEqual([[null, 0]]);
    const byDay = await dialed('--cut', 'day');
    expect(byDay.reduce((sum, [, n]) => sum + Number(n), 0)).toBe(calls.length);
    expect((await of().ask('figures')).stdout).toContain('connect_rate');
  });

  it('times are of the bank’s zone, words Chinese under a Chinese locale', async () => {
    const { stdout } = await of().run(['status'], { MORA_LANG: 'zh' }).ended;
    expect(stdout).toContain('业务时间');
    expect(stdout).toContain('2026-11-04 00:00:00');
  });

  it('why answers for a debtor id and for an account id, also as of an instant', async () => {
    const [call] = await of().json<readonly CallLine[]>('calls', 'list');
    const all = await of().json<readonly CaseLine[]>('cases', 'list');
    const { account_id } = all.find(({ debtor_id }) => debtor_id === call!.debtor_id)!;
    const byId = await of().json<{ debtorId: string }>('why', call!.debtor_id, '--at', '2026-11-02T08:00:00.000Z');
    const byAccount = await of().json<{ debtorId: string }>('why', account_id, '--at', '2026-11-02T08:00:00.000Z');
    expect(byAccount).toEqual(byId);
    expect((await of().ask('why', account_id)).stdout).toContain(call!.debtor_id);
  });

  it('views are listed, compared without a difference, and rebuilt', async () => {
    const names = await of().json<readonly string[]>('views', 'list');
    expect(names).toContain('calls');
    for (const name of ['cases', 'calls'])
      expect(await of().json('views', 'rebuild', name, '--compare')).toMatchObject({
        differences: { added: 0, changed: 0, missing: 0 },
      });
    expect((await of().ask('views', 'rebuild', 'calls')).code).toBe(0);
  });

  it('the oracle is asked', async () => {
    expect(await of().json('oracle')).toMatchObject({ clean: true });
    expect((await of().ask('oracle')).stdout).toContain('clean');
  });

  test.each([
    [['cases', 'show', 'nobody'], /no case nobody/],
    [['calls', 'show', 'nobody'], /no call nobody/],
    [['why', 'nobody'], /nobody/],
    [['why', 'A0000001', '--at', 'yesterday'], /--at/],
    [['parked', 'show', 'nobody'], /nobody/],
    [['parked', 'redrive', 'nobody'], /nobody/],
    [['views', 'rebuild', 'nobody'], /no view nobody/],
    [['resume', 'nobody', '--reason', 'test'], /nobody/],
    [['cases', 'list', '--limit', 'many'], /limit/],
    [['figures', '--cut', 'moon'], /cut/],
    [['cases', 'list', '--state', 'gone'], /state/],
    [['halt', '--reason', 'test', '--channel', 'pigeon'], /channel/],
    [['halt', '--reason', 'test', '--tier', 'X'], /tier/],
  ] as const)('%j is refused in one line', (args, words) => refusesWith(of(), args, words));
};

describe('the command line', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.make();
    await product.untilIdle(BOOK);
  });
  afterAll(() => product.remove());

  describe('with no process running', () => {
    it('answers the same questions, standing still', async () => {
      expect(await product.json('status')).toMatchObject({ businessTime: '2026-11-03T16:00:00.000Z' });
      const [call] = await product.json<readonly CallLine[]>('calls', 'list');
      expect(await product.json('why', call!.debtor_id)).toMatchObject({ debtorId: call!.debtor_id });
      expect(await product.json('status')).toMatchObject({ businessTime: '2026-11-03T16:00:00.000Z' });
    });

    it('refuses an unknown id in one line', () => refusesWith(product, ['calls', 'show', 'nobody'], /no call nobody/));

    it('stop says that nothing runs', async () => {
      expect(await product.json('stop')).toMatchObject({ stopping: false });
    });
  });

  describe('with a process that is up and idle', () => {
    let idle: Started;
    beforeAll(async () => {
      idle = product.start([]);
      await until('all days are worked', () => idle.said().includes('stays up and idle'));
    });
    questions(() => product);

    it('stop ends it cleanly', async () => {
      expect(await product.json('stop')).toMatchObject({ stopping: true });
      const { code, stdout, stderr } = await idle.ended;
      expect({ code, said: stdout.trimEnd().split('\n').at(-1), stderr }).toEqual({
        code: 0,
        said: 'stopped cleanly',
        stderr: '',
      });
    });
  });
});

describe('a halt', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.make();
  });
  afterAll(() => product.remove());

  const timeOf = async () => (await product.json<{ businessTime: string }>('status')).businessTime;
  const contacts = () => product.invites().length + product.smsc().filter(({ kind }) => kind === 'submit').length;

  it('stops every contact at once, also after a restart, until it is lifted', async () => {
    const book = ['--accounts', '40', '--days', '4', '--seed', '5'];
    const running = product.start(['--speed', '6', ...book]);
    await until('the first calls', () => product.invites().length > 1);
    const { haltId } = await product.json<{ haltId: string }>('halt', '--reason', 'test', '--as', 'ops');
    const haltedAt = new Date().toISOString();
    const at = await timeOf();
    await until(
      'a business hour later',
      async () => (await timeOf()) > new Date(Date.parse(at) + 3_600_000).toISOString(),
    );
    expect(product.invites().filter(({ wallAt }) => wallAt > haltedAt)).toEqual([]);
    await product.json('stop');
    expect((await running.ended).code).toBe(0);

    const before = contacts();
    const again = product.start(['--speed', '30']);
    await until('the next evening', async () => again.said().includes('Day 2'));
    expect(contacts()).toBe(before);

    await product.json('resume', haltId, '--reason', 'over', '--as', 'ops');
    await until('calls again', () => contacts() > before);
    await product.json('stop');
    expect((await again.ended).code).toBe(0);
    expect(await product.json('oracle')).toMatchObject({ clean: true });
  });
});
