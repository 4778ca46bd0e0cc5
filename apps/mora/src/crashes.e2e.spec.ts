import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { Product, until } from './testing/product.js';
import { NOTHING_UNSETTLED, unsettledOf } from './testing/settled.js';

const BOOK = ['--accounts', '60', '--days', '3', '--seed', '11'];

/** One installation goes through every crash in turn: each start has to settle what the one before left open. */
describe('an installation that is killed again and again', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.make();
  });
  afterAll(() => product.remove());

  test.each([
    ['before the intent is committed', 'before:CallIntended:3'],
    ['after the intent is committed', 'after:CallIntended:3'],
    ['after the permit', 'after:ContactPermitted:3'],
    ['before LegAccepted', 'before:LegAccepted:3'],
    ['after LegAccepted', 'after:LegAccepted:3'],
    ['during ringing', 'ringing:3'],
    ['after the answer', 'answer:2'],
    ["before the outcome's commit", 'before:LegEnded:3'],
    ["after the outcome's commit", 'after:LegEnded:3'],
    ['after the checkpoint', 'after-checkpoint:dialer:30'],
    ['after an SMS is submitted', 'after:SmsIntended:2'],
    ['before the end of a call is taken in', 'before:CallEnded:3'],
  ])('dies %s', async (_, fault) => {
    const { signal, stderr } = await product.start(['--until-idle', '--json', ...BOOK], { MORA_FAULT: fault }).ended;
    expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: expect.any(String) });
  });

  test.each([1, 2])('dies at any moment (%i)', async (nth) => {
    const before = product.invites().length;
    const running = product.start(['--until-idle', '--json', '--speed', '60']);
    await until('more calls', () => product.invites().length > before + nth);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
    running.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
  });

  it('goes on to the end, with a clean oracle, and every call and leg that was open is settled', async () => {
    const { code, summary } = await product.untilIdle();
    expect({ code, clean: summary.oracle.clean, at: summary.businessTime }).toEqual({
      code: 0,
      clean: true,
      at: '2026-11-04T16:00:00.000Z',
    });
    expect(await unsettledOf(product)).toEqual(NOTHING_UNSETTLED);
  });

  it('loses no account and no call that the carrier took', async () => {
    const cases = await product.json<readonly { account_id: string; state: string }[]>(
      'cases',
      'list',
      '--limit',
      '1000',
    );
    expect(new Set(cases.map((c) => c.account_id)).size).toBe(60);
    const calls = await product.json<readonly { attempt_id: string; status: string; disposition: string | null }[]>(
      'calls',
      'list',
      '--limit',
      '1000',
    );
    const ended = new Set(calls.filter((c) => c.status === 'ended' && c.disposition !== null).map((c) => c.attempt_id));
    expect(product.invites().filter(({ attemptId }) => !ended.has(attemptId))).toEqual([]);
    const lost = (await product.stored('telephony_gateway')).filter(({ type }) => type === 'LegLost');
    expect(lost.length).toBeGreaterThan(0);
  });
});
