import { describe, expect, test } from '@jest/globals';
import type { Destination } from '@mora/contracts';
import type { RuleInputs } from './index.js';
import { deniedBy, inputs, judge, request, ruleOf, sh } from './rules.fixture.js';

describe('OP-DESTINATION', () => {
  const kinds = (country: string, kind: Destination['kind']) => inputs({ destination: { country, kind } });

  test.each([
    ['CN', 'mobile'],
    ['CN', 'fixed'],
    ['HK', 'mobile'],
  ] as const)('permits a call to %s %s', (country, kind) => {
    expect(deniedBy(kinds(country, kind))).toEqual([]);
  });

  test.each([
    ['CN', 'premium'],
    ['CN', 'satellite'],
    ['CN', 'shared-cost'],
    ['CN', 'service'],
    ['CN', 'toll-free'],
    ['CN', 'unknown'],
    ['unknown', 'unknown'],
    ['unknown', 'satellite'],
    ['US', 'mobile'],
  ] as const)('denies a call to %s %s, and names what it saw', (country, kind) => {
    expect(deniedBy(kinds(country, kind))).toContain('OP-DESTINATION');
    expect(ruleOf(kinds(country, kind), 'OP-DESTINATION').inputs['destination']).toEqual({ country, kind });
  });

  test('denies where it is not known where the number leads', () => {
    expect(deniedBy(inputs({ destination: null }))).toContain('OP-DESTINATION');
  });

  test('binds a human as well, and SMS only to mobiles', () => {
    const premium = { destination: { country: 'CN', kind: 'premium' } } as const;
    expect(deniedBy(inputs({ ...premium, request: request({ actor: 'human' }) }))).toEqual(['OP-DESTINATION']);
    const text = { request: request({ channel: 'sms' }) } as const;
    expect(deniedBy(inputs(text))).toEqual([]);
    expect(deniedBy(inputs({ ...text, destination: { country: 'CN', kind: 'fixed' } }))).toEqual(['OP-DESTINATION']);
  });
});

describe('OP-SPEND', () => {
  const spend = (minor: number, at = '2026-11-04T10:00:00.000', shards = 1): Pick<RuleInputs, 'spend'> => ({
    spend: { hours: [{ at: sh(at), minor }], shards },
  });
  const rule = ruleOf(inputs({ spend: { hours: [], shards: 1 } }), 'OP-SPEND');
  const { most, reserved } = rule.inputs as { most: { hour: number; day: number }; reserved: number };

  test('permits up to the cap of the hour and denies beyond it, until the next hour', () => {
    expect(deniedBy(inputs(spend(most.hour - reserved)))).toEqual([]);
    const full = inputs(spend(most.hour - reserved + 1));
    expect(deniedBy(full)).toEqual(['OP-SPEND']);
    expect(judge(full).retryNotBefore).toBe(sh('2026-11-04T11:00:00.000'));
    expect(deniedBy(inputs({ ...spend(most.hour, '2026-11-04T09:00:00.000') }))).toEqual([]);
  });

  test('denies beyond the cap of the day until the next one', () => {
    const full = inputs(spend(most.day - reserved + 1, '2026-11-04T00:00:00.000'));
    expect(deniedBy(full)).toEqual(['OP-SPEND']);
    expect(judge(full).retryNotBefore).toBe(sh('2026-11-05T08:00:00.000'));
    expect(deniedBy(inputs(spend(most.day, '2026-11-03T23:00:00.000')))).toEqual([]);
  });

  test('divides the caps of the installation among its shards', () => {
    expect(deniedBy(inputs(spend(Math.ceil(most.hour / 12), '2026-11-04T10:00:00.000', 12)))).toEqual(['OP-SPEND']);
  });

  test('a contact sets its dearest course aside by the price of its destination', () => {
    const { price } = judge(inputs());
    expect(price!.reserved).toBeGreaterThan(price!.perUnit);
    expect(judge(inputs({ destination: { country: 'HK', kind: 'mobile' } })).price!.perUnit).toBeGreaterThan(
      price!.perUnit,
    );
    expect(judge(inputs({ parked: true })).price).toBeNull();
  });

  test('denies where no price is known, and does not say when to come back', () => {
    const nowhere = inputs({ destination: { country: 'US', kind: 'mobile' } });
    expect(ruleOf(nowhere, 'OP-SPEND')).toMatchObject({ result: 'deny', retryNotBefore: null });
  });
});
