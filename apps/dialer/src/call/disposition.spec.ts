import { describe, expect, it } from '@jest/globals';
import { outcome, talked } from '../testing/samples.js';
import { dispositionOf } from './disposition.js';

const ringing = (ms: number) => ({
  ringAt: '2026-11-03T02:00:00.000Z',
  endedAt: new Date(Date.parse('2026-11-03T02:00:00.000Z') + ms).toISOString(),
});

describe('a disposition', () => {
  it.each([
    ['no-answer', { sipCode: 487 }],
    ['no-answer', { sipCode: 480 }],
    ['no-answer', { sipCode: 408 }],
    ['declined', { sipCode: 486, ...ringing(9_999) }],
    ['busy', { sipCode: 486, ...ringing(10_000) }],
    ['busy', { sipCode: 600, ...ringing(10_000) }],
    ['declined', { sipCode: 600, ringAt: null }],
    ['declined', { sipCode: 603 }],
    ['busy', { sipCode: 486, announcement: '被叫忙', ringAt: null }],
    ['declined', { sipCode: 603, announcement: '拒接' }],
    ['carrier-blocked', { sipCode: 603, announcement: '运营商拦截' }],
    ['switched-off', { sipCode: 480, announcement: '关机' }],
    ['out-of-range', { sipCode: 480, announcement: '不在服务区' }],
    ['out-of-range', { sipCode: 480, announcement: '暂时无法接通' }],
    ['suspended', { sipCode: 480, announcement: '停机' }],
    ['barred', { sipCode: 480, announcement: '呼入限制' }],
    ['invalid', { sipCode: 404, announcement: '空号' }],
    ['invalid', { sipCode: 484 }],
    ['invalid', { sipCode: 604 }],
    ['trunk-fault', { sipCode: 503, ringAt: null }],
    ['no-answer', { sipCode: 503 }],
    ['trunk-fault', { sipCode: null, ringAt: null }],
  ] as const)('is %s for %j', (disposition, facts) => {
    expect(dispositionOf(outcome(facts), null)).toBe(disposition);
  });

  it('of an answered call is what its dialogue came to, and machine when a machine answered', () => {
    const answeredAt = '2026-11-03T02:00:10.000Z';
    expect(dispositionOf(outcome({ answeredAt, dialogue: talked() }), null)).toBe('no-promise');
    const amd = { result: 'machine' as const, confidence: 1, version: '1' };
    expect(dispositionOf(outcome({ answeredAt, amd }), null)).toBe('machine');
    expect(dispositionOf(outcome({ answeredAt, amd: { ...amd, result: 'person' } }), null)).toBe('hung-up-early');
  });

  it('of a ringing call that was cancelled is cured after a cure, else no-answer', () => {
    expect(dispositionOf(outcome({ hungUpBy: 'revoked' }), 'cured')).toBe('cured');
    expect(dispositionOf(outcome({ hungUpBy: 'revoked' }), 'complaint')).toBe('no-answer');
  });
});
