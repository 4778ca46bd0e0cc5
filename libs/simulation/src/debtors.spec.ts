import { describe, expect, it } from '@jest/globals';
import { answerCall } from './answer-call.js';
import { draws } from './draws.js';
import { type Persona, personaOf } from './persona.js';
import { smsCourse } from './sms-course.js';

const AT = '2026-11-03T11:15:00.000Z';
const ids = Array.from({ length: 4_000 }, (_, index) => `debtor-${index}`);
const share = (hits: number, of: number = ids.length): number => hits / of;

describe('seeded chance', () => {
  it('gives the same stream for the same seed and parts, and another for another', () => {
    const stream = (seed: number | string, ...parts: string[]) => {
      const d = draws(seed, ...parts);
      return Array.from({ length: 40 }, () => d.next());
    };
    expect(stream(1, 'a', 'b')).toEqual(stream('1', 'a', 'b'));
    expect(stream(1, 'a', 'b')).not.toEqual(stream(2, 'a', 'b'));
    expect(stream(1, 'a', 'b')).not.toEqual(stream(1, 'a', 'c'));
    expect(new Set(stream(1, 'a')).size).toBe(40);
  });

  it('keeps whole numbers inside both ends and picks by weight', () => {
    const d = draws(1, 'ranges');
    const seen = new Set(Array.from({ length: 500 }, () => d.between(3, 5)));
    expect([...seen].sort()).toEqual([3, 4, 5]);
    const picks = Array.from({ length: 2_000 }, () => d.weighted({ often: 9, rarely: 1, never: 0 }));
    expect(picks).not.toContain('never');
    expect(share(picks.filter((pick) => pick === 'rarely').length, 2_000)).toBeCloseTo(0.1, 1);
  });

  it('does not change from one version to the next', () => {
    const d = draws(1, 'golden', 'debtor-1');
    expect([d.between(0, 1_000_000), d.between(0, 1_000_000), d.between(0, 1_000_000)]).toMatchInlineSnapshot(`
[
  969832,
  292310,
  361751,
]
`);
  });
});

describe('an invented debtor', () => {
  it('is the same for the same seed and id', () => {
    expect(personaOf(1, 'debtor-1')).toEqual(personaOf(1, 'debtor-1'));
    expect(personaOf(1, 'debtor-1')).not.toEqual({ ...personaOf(2, 'debtor-1'), seed: 1 });
  });

  it('is one of a plausible mix', () => {
    const people = ids.map((id) => personaOf(3, id));
    const of = (fits: (persona: Persona) => boolean) => share(people.filter(fits).length);
    expect(of(({ outburst }) => outburst === 'complaint')).toBeLessThan(0.01);
    expect(of(({ paysAloneOnDpd }) => paysAloneOnDpd !== null)).toBeGreaterThan(0.15);
    expect(of(({ paysAloneOnDpd }) => paysAloneOnDpd !== null)).toBeLessThan(0.4);
    expect(of(({ phones }) => phones[0] === 'own')).toBeGreaterThan(0.85);
    expect(
      people.every(({ paysAloneOnDpd }) => paysAloneOnDpd === null || (paysAloneOnDpd >= 1 && paysAloneOnDpd <= 8)),
    ).toBe(true);
    expect(new Set(people.map(({ promise }) => promise)).size).toBe(4);
    expect(new Set(people.map(({ temperament }) => temperament)).size).toBe(8);
  });
});

describe('a simulated call', () => {
  const call = (debtorId: string, ordinal = 1, at = AT, phoneIndex = 0) =>
    answerCall({ seed: 3, debtorId, ordinal, at, phoneIndex });

  it('takes the same course again for the same debtor, ordinal, time and number', () => {
    for (const id of ids.slice(0, 50)) expect(call(id)).toEqual(call(id));
    expect(ids.slice(0, 50).map((id) => call(id, 2))).not.toEqual(ids.slice(0, 50).map((id) => call(id)));
  });

  it('is answered about as often as real ones, and less in office hours than in the evening', () => {
    const connected = (at: string) => share(ids.filter((id) => call(id, 1, at).answered).length);
    const evening = connected(AT);
    const afternoon = connected('2026-11-03T07:00:00.000Z');
    expect(evening).toBeGreaterThan(0.38);
    expect(evening).toBeLessThan(0.6);
    expect(afternoon).toBeGreaterThan(0.22);
    expect(afternoon).toBeLessThan(evening);
  });

  it('ends in every way that the carrier knows', () => {
    const courses = ids.flatMap((id) => [call(id), call(id, 2)]);
    const words = new Set(courses.map(({ sipCode, announcement }) => `${sipCode} ${announcement ?? ''}`.trim()));
    for (const way of [
      '200',
      '404 空号',
      '480',
      '480 停机',
      '480 关机',
      '480 不在服务区',
      '486 被叫忙',
      '503',
      '603 拒接',
      '603 运营商拦截',
    ]) {
      expect(words).toContain(way);
    }
    expect(new Set(courses.map(({ who }) => who))).toEqual(
      new Set(['debtor', 'third-party', 'stranger', 'machine', null]),
    );
  });

  it('rings busy for ten seconds or more, declines sooner, and outlasts every ring limit unanswered', () => {
    for (const id of ids) {
      const { sipCode, announcement, ringSeconds, answered, who } = call(id);
      expect(answered).toBe(sipCode === 200 && who !== null);
      if (sipCode === 486) expect(ringSeconds).toBeGreaterThanOrEqual(10);
      if (announcement === '拒接') expect(ringSeconds).toBeLessThan(10);
      if (sipCode === 480 && announcement === null) expect(ringSeconds).toBe(60);
      if (answered) expect(ringSeconds).toBeLessThan(35);
    }
  });

  it('keeps the nature of a number from call to call', () => {
    const dead = ids.find((id) => personaOf(3, id).phones[0] === 'invalid')!;
    const codes = [1, 2, 3, 4, 5].map((ordinal) => call(dead, ordinal).sipCode);
    expect(codes.filter((code) => code === 404).length).toBeGreaterThanOrEqual(4);
  });
});

describe('a simulated SMS', () => {
  it('has the same fate again and mostly arrives, never at a dead number', () => {
    const course = (debtorId: string) => smsCourse({ seed: 3, debtorId, ordinal: 1, phoneIndex: 0 });
    expect(course('debtor-1')).toEqual(course('debtor-1'));
    const delivered = ids.filter((id) => course(id).delivered);
    expect(share(delivered.length)).toBeGreaterThan(0.93);
    expect(delivered.some((id) => personaOf(3, id).phones[0] === 'invalid')).toBe(false);
    expect(delivered.every((id) => course(id).error === null)).toBe(true);
  });
});
