import { describe, expect, it } from '@jest/globals';
import type { Command } from '@mora/eventing';
import { type AccountsEvent, accounts } from '../accounts/accounts.js';
import { control } from '../control/control.js';
import { CASE, chance, DEBTOR, on, packageHash, Scenario, strategy } from '../testing/treatments.js';
import type { Treatment } from '../treatment/treatment.js';
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

  it('takes the time at which a payment came here for no time of posting', () => {
    const paid = (postedAt: string, type = 'PaymentPosted') => {
      const facts = { caseId: CASE, accountId: 'A1', debtorId: DEBTOR, amount: 100, valueDate: '2026-11-01' };
      const provenance = { receivedAt: '2026-11-03T00:00:00.000Z' };
      const [command] = react(type, {
        ...facts,
        postedAt,
        provenance,
        unpaidMinimum: 400,
        paymentId: 'P',
        reversalOf: 'Q',
      });
      const state = new Scenario();
      state.started(on(1, '06:00'));
      const at = {
        at: on(2, '08:00'),
        shard: 3,
        versions: [1, 0],
        cause: 'intake/3/0/1',
        skewMs: 0,
        side: () => undefined,
      };
      const decided = command!.decide([state.state, { ...control.initial, strategyHash: packageHash }], at);
      const events = 'events' in decided ? decided.events : decided;
      return events[0]!.event.data;
    };
    expect(paid('2026-11-03T00:00:00.000Z')).not.toHaveProperty('payment.postedAt');
    expect(paid('2026-11-03T00:00:00.000Z', 'PaymentReversed')).not.toHaveProperty('payment.postedAt');
    expect(paid('2026-11-02T00:00:00.000Z')).toHaveProperty('payment.postedAt', '2026-11-02T00:00:00.000Z');
  });

  it('lets an account that humans still have stay theirs in its next episode', () => {
    const [, keep] = react('CaseClosed', {
      caseId: CASE,
      reason: 'withdrawn',
      successor: { debtorId: DEBTOR, caseId: 'next' },
    });
    const old = new Scenario();
    old.started(on(1, '06:00'));
    const known = (state: Treatment) => {
      const at = { at: on(9, '08:00'), shard: 3, versions: [1, 1], cause: 'c', skewMs: 0, side: () => undefined };
      const decided = keep!.decide([accounts.initial, state], at);
      const events = ('events' in decided ? decided.events : decided).map(({ event }) => event as AccountsEvent);
      const joined = { type: 'AccountJoined', data: { caseId: 'next', accountId: 'A1' } } as const;
      return [...events, joined].reduce((s, e) => accounts.evolve(s, e, at.at), accounts.initial).waiting;
    };
    expect(known(old.state)).toEqual([]);
    old.when(on(9, '06:00'), { do: 'plan-day' });
    old.when(on(9, '07:00'), { do: 'end', reason: 'closed' });
    expect(known(old.state)).toMatchObject([
      { caseId: 'next', facts: [{ what: 'hand-over', reason: 'end-of-robot' }] },
    ]);
    const next = new Scenario();
    next.started(on(1, '06:00'));
    const fact = { what: 'hand-over', reason: 'end-of-robot' } as const;
    next.when(on(1, '06:00'), { do: 'take-in', facts: [fact] });
    expect(next.state.status).toBe('handed-over');
    expect(react('CaseClosed', { caseId: CASE, reason: 'tolerance' })).toHaveLength(1);
  });

  it('counts a delivered SMS as reached, but not one without a debt word', () => {
    const names = (trigger: string) => react('SmsDelivered', { trigger, context: { caseId: CASE } }).map((c) => c.name);
    expect(names('a')).toEqual(['treatment.note-reach']);
    expect(names('n')).toEqual([]);
  });

  it('hears a claim and the wish for a human from an SMS, the wish for every account, and no other answer', () => {
    const names = (of: object) =>
      react('SmsReplied', { smsId: 's', at: 'x', context: { caseId: CASE }, stops: [], handOver: null, ...of }).map(
        (c) => [c.name, c.streams[0]!.stream],
      );
    const claim = { kind: 'claims-paid', scope: 'account', channels: ['call', 'sms'] };
    expect(names({ stops: [claim] })).toEqual([['treatment.note-reply', `treatment-${CASE}`]]);
    expect(names({ handOver: 'human-asked' })).toEqual([
      ['treatment.note-reply', `treatment-${CASE}`],
      ['accounts.share-reply', `accounts-${DEBTOR}`],
    ]);
    expect(names({ stops: [{ ...claim, kind: 'complaint' }] })).toEqual([]);
    expect(names({ context: undefined, stops: [claim] })).toEqual([]);
  });

  const stop = (of: object) => ({
    stopId: 's1',
    debtorId: DEBTOR,
    kind: 'complaint',
    scope: 'debtor',
    accountId: null,
    phoneRef: null,
    channels: ['call', 'sms'],
    until: null,
    source: 'bank:A1',
    evidence: 'intake/1/3/1',
    ...of,
  });

  it('hears stops of the guard on a debtor or an account among his accounts, and their end', () => {
    for (const scope of ['debtor', 'account'])
      expect(react('StopPlaced', stop({ scope })).map((c) => [c.name, c.streams[0]!.stream])).toEqual([
        ['accounts.note-stop', `accounts-${DEBTOR}`],
      ]);
    expect(react('StopLifted', { stopId: 's1', debtorId: DEBTOR }).map((c) => c.name)).toEqual(['accounts.end-stop']);
  });

  it.each(['handed-over', 'claims-paid'])('does not hear its own word back: %s', (kind) => {
    expect(react('StopPlaced', stop({ kind, scope: 'account', accountId: 'A1' }))).toEqual([]);
  });

  it.each(['number', 'number-everywhere'])('leaves a stop on a %s to the numbers', (scope) => {
    expect(react('StopPlaced', stop({ scope }))).toEqual([]);
  });

  it('shares a conversation with the right party with the other accounts, and no other call', () => {
    const ended = (rightParty: boolean, conversation: boolean) =>
      react('CallEnded', {
        attemptId: 'a1',
        endedAt: '2026-11-02T02:00:00.000Z',
        phoneRef: 'phone-one',
        voice: 'F1',
        script: 'l-first',
        disposition: 'no-promise',
        connected: 'yes',
        conversation,
        rightParty,
        outcome: null,
        dialogue: null,
        context: { caseId: CASE, tier: 'L' },
      }).map((c) => c.name);
    expect(ended(true, true)).toEqual(['treatment.note-call', 'accounts.share-conversation']);
    expect(ended(false, true)).toEqual(['treatment.note-call']);
    expect(ended(true, false)).toEqual(['treatment.note-call']);
  });

  it('gives a human the SMS that say so', () => {
    const held = (handOver: string | null) => react('SmsHeld', { caseId: CASE, trigger: 'c', reason: 'x', handOver });
    expect(held('sms-task').map((c) => c.name)).toEqual(['treatment.note-sms-task']);
    expect(held(null)).toEqual([]);
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
