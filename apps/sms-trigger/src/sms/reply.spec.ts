import { describe, expect, it } from '@jest/globals';
import { readReply } from './reply.js';

const kinds = (text: string) => readReply(text).stops.map(({ kind, scope }) => `${kind} ${scope}`);

describe('a reply', () => {
  it.each([
    ['N', ['N', 'n', 'Ｎ', 'ｎ', ' n 。', '“N”', '【N】', 'N!', '回复N', '回 N', 'N\u200B', 'Ⓝ', '非本人']],
    ['T', ['T', 't', 'Ｔ', 'ｔ.', 'TD', '退订', '回复TD', '回T退订', '\u0422', 'T\uFE0F']],
    ['1', ['1', '１', '①', '⑴', '1。', '(1)', '一', '壹', '回复1', '选１', '1\uFE0F\u20E3', '1、']],
    ['2', ['2', '２', '②', '二', '贰', '2 ', '回复２', '按2']],
    ['other', ['12', '21', '1和2', '好的', '', '。。。', '什么时候到期', '3', 'NT', '100', '一定还', '二十号还']],
  ] as const)('is read as %s whatever its width, case, spaces and punctuation', (reply, texts) => {
    expect(texts.map((text) => [text, readReply(text).reply])).toEqual(texts.map((text) => [text, reply]));
  });

  it('N bars the number, T ends SMS, 1 claims payment, 2 asks for a human', () => {
    expect(readReply('N')).toMatchObject({
      stops: [{ kind: 'wrong-person', scope: 'number', channels: ['call', 'sms'] }],
      handOver: null,
    });
    expect(readReply('T').stops).toEqual([{ kind: 'stop-asked', scope: 'debtor', channels: ['sms'] }]);
    expect(readReply('1').stops).toEqual([{ kind: 'claims-paid', scope: 'account', channels: ['call', 'sms'] }]);
    expect(readReply('2')).toMatchObject({ stops: [], handOver: 'human-asked' });
  });

  it.each([
    ['不想活了', 'distress debtor'],
    ['我 活 不 下 去 了！', 'distress debtor'],
    ['他去世了', 'deceased debtor'],
    ['人在医院昏迷', 'incapable debtor'],
    ['我要投诉你们', 'complaint debtor'],
    ['再骚扰我就报警', 'complaint debtor'],
    ['向银保监举报', 'complaint debtor'],
    ['不要再打了', 'stop-asked debtor'],
    ['别再发短信了', 'stop-asked debtor'],
    ['別再發了', 'stop-asked debtor'],
    ['不是我刷的，盗刷', 'fraud debtor'],
    ['金额不对', 'disputed debtor'],
    ['失业了没钱还', 'hardship debtor'],
    ['昨天已经还了', 'claims-paid account'],
    ['打错了，我不认识他', 'wrong-person number'],
    ['STOP', 'stop-asked debtor'],
  ])('in free words stops what it says: %s', (text, stop) => {
    expect(kinds(text)).toContain(stop);
    expect(readReply(text)).toMatchObject({ reply: 'other' });
  });

  it.each([
    ['别再发短信了', ['sms']],
    ['不要再打电话', ['call']],
    ['不要再联系我', ['call', 'sms']],
    ['别再打电话发短信了', ['call', 'sms']],
  ] as const)('ends the channels it names, or both: %s', (text, channels) => {
    expect(readReply(text).stops[0]).toMatchObject({ kind: 'stop-asked', channels });
  });

  it.each(['还没还', '没有还款', '什么时候算已还', '明天还', '好', '如已还款请忽略，非本人请回复N。', '谢谢'])(
    'stops nothing where it says nothing of the kind: %s',
    (text) => {
      expect(kinds(text)).toEqual([]);
    },
  );

  it('in free words that ask for a human asks for one', () => {
    expect(readReply('请转人工').handOver).toBe('human-asked');
    expect(readReply('给我回电话').handOver).toBe('human-asked');
  });

  it('is for a human to read unless it is one of the four', () => {
    expect(['N', 'T', '1', '2', '好的', '我要投诉'].map((text) => readReply(text).forHuman)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  describe('from a number that may be somebody else’s', () => {
    const doubtful = (text: string) => readReply(text, { doubtful: true });
    it('claims nothing and asks for nobody, and is for a human to read', () => {
      expect(doubtful('1')).toEqual({ reply: '1', stops: [], handOver: null, forHuman: true });
      expect(doubtful('2')).toEqual({ reply: '2', stops: [], handOver: null, forHuman: true });
      expect(doubtful('失业了').stops).toEqual([]);
    });
    it('still bars the number, ends SMS, and stops for what anybody may say', () => {
      expect(doubtful('N').stops).toEqual(readReply('N').stops);
      expect(doubtful('T').stops).toEqual(readReply('T').stops);
      expect(doubtful('他去世了').stops).toMatchObject([{ kind: 'deceased' }]);
      expect(doubtful('我要投诉').stops).toMatchObject([{ kind: 'complaint' }]);
    });
    it('that asks to stop stops the number alone', () => {
      expect(doubtful('不要再打了').stops).toEqual([
        { kind: 'wrong-person', scope: 'number', channels: ['call', 'sms'] },
      ]);
    });
  });
});
