import { describe, expect, it } from '@jest/globals';
import type { Command } from '@mora/eventing';
import { CASE, chance, DEBTOR, strategy } from '../testing/treatments.js';
import { tieringProcessor } from './on-facts.js';

const processor = tieringProcessor({ strategyOf: () => strategy, chance });
const react = (type: string, data: object): readonly Command[] => {
  const made = processor.on[type]!({ subject: DEBTOR, shard: 3, data } as never) ?? [];
  return Array.isArray(made) ? made : [made as Command];
};

describe('what tiering makes of foreign facts', () => {
  it('looks at every case of a debtor whose day was planned without a usable number, and at no other', () => {
    const planned = { leadCaseId: CASE, otherCaseIds: ['other'], why: 'no-number' };
    expect(react('DayPlanned', planned).map((c) => [c.name, c.streams[0]!.stream, c.subject, c.shard])).toEqual([
      ['treatment.note-numbers', `treatment-${CASE}`, DEBTOR, 3],
      ['treatment.note-numbers', 'treatment-other', DEBTOR, 3],
    ]);
    expect(react('DayPlanned', { ...planned, leadCaseId: null, otherCaseIds: [] })).toEqual([]);
    expect(react('DayPlanned', { ...planned, why: 'planned' })).toEqual([]);
  });

  it('counts a delivered SMS as reached, but not one without a debt word', () => {
    const names = (trigger: string) => react('SmsDelivered', { trigger, context: { caseId: CASE } }).map((c) => c.name);
    expect(names('a')).toEqual(['treatment.note-reach']);
    expect(names('n')).toEqual([]);
  });

  it('notes the watermark of its own shard', () => {
    const [command] = react('PaymentsPostedThrough', { asOf: '2026-11-02T00:00:00.000Z' });
    expect([command!.name, command!.shard, command!.streams[0]!.stream]).toEqual([
      'control.note-postings',
      3,
      'control-3',
    ]);
  });
});
