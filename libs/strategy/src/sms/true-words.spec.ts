import { describe, expect, it } from '@jest/globals';
import { dayOf, local, smsInputs, strategy } from '../package.fixture.js';
import type { SmsInputs, TemplateFacts } from './records.js';
import { planSms } from './sms-plan.js';
import { fillTemplate } from './templates.js';

const at = (dpd: number, time: string) => local(dayOf(dpd), time);
const templateOfA = (dpd: number, time: string, of: Partial<SmsInputs>) =>
  planSms(strategy, smsInputs(at(dpd, time), dpd, of)).find(({ trigger }) => trigger === 'a')?.templateId;

const facts = (of: Partial<TemplateFacts>): TemplateFacts => ({
  dpd: 8,
  tier: 'H',
  inGrace: false,
  graceConfirmed: true,
  brokenInEpisode: false,
  rpcInEpisode: false,
  calls: { attempts: 2, answered: false },
  lastLabel: null,
  cardStatus: 'active',
  creditNoticeSent: true,
  values: { bank: '某某银行', hotline: '400', tail: '1234', unpaidMin: '500.00元', statement: null },
  ...of,
});
const textOf = (id: string, of: Partial<TemplateFacts>): string => {
  const filled = fillTemplate(strategy, id, facts(of));
  if (!filled.ok) throw new TypeError(`${filled.reason}: ${filled.missing.join(', ')}`);
  return filled.text;
};
const OF_CALLS = /致电未能|多次|与您联系|表示/;

describe('an SMS about calls says what was so', () => {
  it('a says that nobody was reached today only on a day of calls that nobody of doubt answered', () => {
    expect(templateOfA(1, '20:40', { callsToday: { attempts: 1, answered: false } })).toBe('a.missed');
    expect(templateOfA(1, '20:40', { callsToday: { attempts: 2, answered: true } })).toBe('a.spoken');
    expect(templateOfA(2, '09:30', { callsToday: { attempts: 0, answered: false } })).toBe('a.spoken');
  });
  it('the words of a that take its place speak of no call', () => {
    const values = { ...facts({}).values, dueDate: '11月1日', graceEnd: '11月4日' };
    expect(textOf('a.spoken', { dpd: 1, tier: 'L', inGrace: true, values })).not.toMatch(OF_CALLS);
  });
  it.each(['b', 'c'])('%s says "多次" from two attempts on, none of them answered', (id) => {
    expect(textOf(id, { calls: { attempts: 2, answered: false } })).toContain('多次致电未能与您联系');
    for (const calls of [
      { attempts: 1, answered: false },
      { attempts: 0, answered: false },
      { attempts: 9, answered: true },
    ])
      expect(textOf(id, { calls })).not.toMatch(OF_CALLS);
  });
  it('b in an arm without calls speaks of none', () => {
    const [b] = planSms(strategy, smsInputs(at(6, '12:00'), 6, { arm: 'holdout', firstReminderOn: null }));
    expect(b).toMatchObject({ trigger: 'b', state: 'due' });
    expect(textOf('b', { calls: { attempts: 0, answered: false } })).not.toMatch(OF_CALLS);
  });
});
