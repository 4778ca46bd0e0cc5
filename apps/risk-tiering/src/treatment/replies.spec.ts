import { describe, expect, it } from '@jest/globals';
import { dataOf, day, on, Scenario, spoken, types } from '../testing/treatments.js';
import type { ReplyFacts } from './replies.js';

const started = () => {
  const scenario = new Scenario();
  scenario.started(on(1, '05:30'));
  return scenario;
};
const reply = (scenario: Scenario, at: string, of: Partial<ReplyFacts>) =>
  scenario.when(at, {
    do: 'note-reply',
    facts: { smsId: 'sms-1', repliedAt: at, claimsPaid: false, handOver: null, ...of },
  });

describe('an answer to an SMS', () => {
  it('that claims payment is checked as one in a call, until the day after', () => {
    const events = reply(started(), on(2, '10:00'), { claimsPaid: true });
    expect(dataOf(events, 'PaymentClaimed')).toMatchObject({
      claimedOn: day(2),
      attemptId: 'sms-1',
      by: 'sms',
      checkAfter: on(4, '00:00'),
    });
  });
  it('that claims again what is being checked says nothing new, and one that was not found is a human’s', () => {
    const scenario = started();
    reply(scenario, on(2, '10:00'), { claimsPaid: true });
    expect(types(reply(scenario, on(2, '11:00'), { claimsPaid: true }))).not.toContain('PaymentClaimed');
    scenario.postedThrough = on(4, '00:00');
    expect(types(scenario.when(on(4, '00:45'), { do: 'settle' }))).toContain('PaymentClaimUnmet');
    expect(dataOf(reply(scenario, on(4, '10:00'), { claimsPaid: true }), 'HandedOver').reason).toBe('claims-paid');
  });
  it('that asks for a human hands over, with a callback within two working hours', () => {
    const events = reply(started(), on(2, '10:00'), { handOver: 'human-asked' });
    expect(dataOf(events, 'HandedOver')).toMatchObject({
      reason: 'human-asked',
      queue: 'collectors',
      firstActionDue: on(2, '12:00'),
    });
  });
  it('keeps a promise open', () => {
    const scenario = started();
    scenario.call(on(1, '10:00'), 'promised', { promise: spoken() });
    expect(types(reply(scenario, on(2, '10:00'), { claimsPaid: true }))).not.toContain('PromiseVoided');
  });
  it('changes nothing of a treatment that is over or has not begun', () => {
    expect(reply(new Scenario(), on(1, '10:00'), { claimsPaid: true, handOver: 'human-asked' })).toEqual([]);
    const scenario = started();
    scenario.when(on(1, '09:00'), { do: 'end', reason: 'cured' });
    expect(reply(scenario, on(1, '10:00'), { claimsPaid: true, handOver: 'human-asked' })).toEqual([]);
  });
  it('about another account asks for a human for this one too, and claims nothing of it', () => {
    const scenario = started();
    const events = scenario.when(on(2, '10:00'), {
      do: 'take-in',
      facts: [{ what: 'reply', smsId: 'sms-1', repliedAt: on(2, '10:00'), handOver: 'human-asked' }],
    });
    expect(types(events)).toEqual(['HandedOver']);
  });
});
