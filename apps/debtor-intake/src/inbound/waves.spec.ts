import { describe, expect, it } from '@jest/globals';
import { nextWave } from './waves.js';

describe('a wave', () => {
  const item = (kind: string, id: string, account: string) =>
    ({
      item: id,
      looks: 0,
      record: { kind, bankEventId: id, accountId: account, facts: { accountId: account } },
    }) as never;

  it('holds back what leans on an earlier record, and everything behind a watermark', () => {
    const waiting = [
      item('account', '1', 'A'),
      item('payment', '2', 'A'),
      item('payment', '3', 'B'),
      item('payment', '3', 'C'),
      item('payments-posted-through', '4', ''),
      item('payment', '5', 'D'),
    ];
    const first = nextWave<string>(waiting);
    expect(first.now.map((w) => w.item)).toEqual(['1', '3']);
    const then = nextWave<string>(first.later);
    expect(then.now.map((w) => w.item)).toEqual(['2', '3']);
    const watermarkWave = nextWave<string>(then.later);
    expect(watermarkWave.now.map((w) => w.item)).toEqual(['4']);
    expect(nextWave<string>(watermarkWave.later).now.map((w) => w.item)).toEqual(['5']);
  });
});
