import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AuthorizeRequest, eventKey, type GuardApi, type StopKind, type StopScope } from '@mora/contracts';
import { GUARD_API } from '@mora/grpc';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import {
  ANN,
  BOB,
  callEnded,
  caseOpened,
  context,
  cured,
  handedOver,
  paymentClaimed,
  paymentClaimUnmet,
  reopened,
  reported,
  returnedToRobot,
  sh,
  smsReplied,
  withdrawn,
  withinTolerance,
} from './testing/facts.js';
import { deniedBy, guardAtTen, intakeSaid, request } from './testing/guard.js';

let world: ServiceWorld;
const ask = (contactId: string, over: Partial<AuthorizeRequest> = {}) =>
  world.get<GuardApi>(GUARD_API).authorize(request(contactId, over));

beforeEach(async () => {
  world = await serviceWorld(guardAtTen);
  for (const [subject, fact] of intakeSaid) await world.given('intake', subject, fact);
});
afterEach(() => world.stop());

describe('stops', () => {
  const say = (kind: StopKind, scope: StopScope) =>
    world.given('dialer', ANN, callEnded('c-0', { stops: [{ kind, scope, turn: 1 }] }));

  test('a complaint takes every open permit back at once and denies what comes', async () => {
    await ask('c-1');
    await ask('s-1', { channel: 'sms' });
    await say('complaint', 'debtor');
    expect(world.thenOf('PermitRevoked')).toMatchObject([
      { contactId: 'c-1', why: 'complaint' },
      { contactId: 's-1', why: 'complaint' },
    ]);
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-COMPLAINT']);
    await say('complaint', 'debtor');
    expect(world.thenOf('StopPlaced')).toHaveLength(1);
  });

  test('a wrong person bars the number for this debtor alone', async () => {
    await say('wrong-person', 'number');
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-BARRED']);
    expect(deniedBy(await ask('s-1', { channel: 'sms' }))).toEqual(['SMALL-BARRED']);
    expect((await ask('c-2', { phoneRef: 'ann-phone-2' })).result).toBe('allowed');
    expect((await ask('b-1', { debtorId: BOB, phoneRef: 'bob-phone-1' })).result).toBe('allowed');
  });

  test('a third party who asks to stop bars the number for everybody, also after the 48 hours of usage', async () => {
    await say('third-party-stop', 'number-everywhere');
    expect(world.thenOf('NumberBarKept')).toHaveLength(1);
    expect(deniedBy(await ask('b-1', { debtorId: BOB, phoneRef: 'bob-phone-1' }))).toEqual(['SMALL-BARRED']);
    expect(await world.core.store.timersNamed('number-bars')).toEqual([]);
  });

  test('asking to stop before identity ends calls to that number, SMS goes on', async () => {
    await say('stop-asked', 'number');
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-BARRED']);
    expect((await ask('s-1', { channel: 'sms' })).result).toBe('allowed');
  });

  test.each([
    ['N', ['SMALL-BARRED'], ['SMALL-BARRED']],
    ['T', [], ['SMALL-BARRED']],
    ['1', [], []],
  ] as const)('an SMS reply %s denies calls by %j and SMS by %j', async (reply, calls, texts) => {
    await world.given('sms', ANN, smsReplied(reply));
    expect(deniedBy(await ask('c-1'))).toEqual(calls);
    expect(deniedBy(await ask('s-1', { channel: 'sms' }))).toEqual(texts);
  });

  test.each(['N', 'T'] as const)(
    'one SMS acknowledges a reply %s, by its event and to its number, once',
    async (reply) => {
      const [replied] = await world.given('sms', ANN, smsReplied(reply));
      const solicitedBy = eventKey(replied!);
      const ack = {
        channel: 'sms',
        solicitedBy,
        context: { ...context({ channel: 'sms' }), stage: 'sms.ack' },
      } as const;
      expect(deniedBy(await ask('s-1', { ...ack, solicitedBy: 'sms/1/0/99' }))).toContain('SMALL-BARRED');
      expect(deniedBy(await ask('s-2', { ...ack, phoneRef: 'ann-phone-2' }))).toContain('SMALL-BARRED');
      expect((await ask('s-3', ack)).result).toBe('allowed');
      expect(world.thenOf('ContactPermitted').at(-1)).toMatchObject({
        verdict: {
          rules: expect.arrayContaining([expect.objectContaining({ exception: `acknowledgement:${solicitedBy}` })]),
        },
      });
      expect(deniedBy(await ask('s-4', ack))).toContain('SMALL-BARRED');
      const [again] = await world.given('sms', ANN, smsReplied(reply, { at: sh('2026-11-04T09:59:00.000') }));
      expect(deniedBy(await ask('s-5', { ...ack, solicitedBy: eventKey(again!) }))).toContain('SMALL-BARRED');
      expect(deniedBy(await ask('s-6', { channel: 'sms', solicitedBy }))).toContain('SMALL-BARRED');
    },
  );

  const read = (...stops: NonNullable<Parameters<typeof smsReplied>[1]>['stops'] & object) => ({
    stops,
    context: context(),
  });
  test.each([
    ['complaint', ['SMALL-COMPLAINT'], ['SMALL-COMPLAINT']],
    ['stop-asked', ['SMALL-BARRED'], ['SMALL-BARRED']],
  ] as const)('what an SMS reply says in words holds as if it was said in a call: %s', async (kind, calls, texts) => {
    await world.given('sms', ANN, smsReplied('other', read({ kind, scope: 'debtor', channels: ['call', 'sms'] })));
    expect(deniedBy(await ask('c-1'))).toEqual(calls);
    expect(deniedBy(await ask('s-1', { channel: 'sms' }))).toEqual(texts);
  });
  test('a T does not swallow the wish for no calls that comes after it', async () => {
    await world.given('sms', ANN, smsReplied('T', read({ kind: 'stop-asked', scope: 'debtor', channels: ['sms'] })));
    expect((await ask('c-1')).result).toBe('allowed');
    await world.given(
      'sms',
      ANN,
      smsReplied('other', read({ kind: 'stop-asked', scope: 'debtor', channels: ['call'] })),
    );
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-BARRED']);
  });
  test('a claim of payment in an SMS reply holds at once for its account, and once with what tiering says of it', async () => {
    await world.given(
      'sms',
      ANN,
      smsReplied('1', read({ kind: 'claims-paid', scope: 'account', channels: ['call', 'sms'] })),
    );
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-CLAIMS-PAID']);
    await world.given('tiering', ANN, paymentClaimed);
    expect(world.thenOf('StopPlaced')).toHaveLength(1);
  });

  test('a hand-over lets the SMS that was agreed to in the call go, also one that is on its way, and no other', async () => {
    const [ended] = await world.given('dialer', ANN, callEnded('c-0', { smsAsked: ['ways'] }));
    const solicitedBy = eventKey(ended!);
    await ask('s-1', { channel: 'sms', solicitedBy });
    await ask('s-2', { channel: 'sms' });
    await world.given('tiering', ANN, handedOver);
    expect(world.thenOf('PermitRevoked')).toMatchObject([{ contactId: 's-2' }]);
    expect((await ask('s-3', { channel: 'sms', solicitedBy })).result).toBe('allowed');
    expect(deniedBy(await ask('s-4', { channel: 'sms' }))).toContain('SMALL-HANDED-OVER');
    expect(deniedBy(await ask('c-1'))).toContain('SMALL-HANDED-OVER');
  });

  test('a claim of payment holds until the postings do not show it', async () => {
    await say('claims-paid', 'account');
    await world.given('tiering', ANN, paymentClaimed);
    expect(world.thenOf('StopPlaced')).toHaveLength(1);
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-CLAIMS-PAID']);
    await world.given('tiering', ANN, paymentClaimUnmet);
    expect((await ask('c-2')).result).toBe('allowed');
  });

  test('a handed-over account is silent until a human returns it, which also ends what he was asked to look at', async () => {
    await say('disputed', 'debtor');
    await world.given('tiering', ANN, handedOver);
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-DISPUTED', 'SMALL-HANDED-OVER']);
    await world.given('tiering', ANN, returnedToRobot);
    expect((await ask('c-2')).result).toBe('allowed');
  });

  test('an account that humans still have is not the robot’s because its next bill came, but after a cure it is', async () => {
    await world.given('tiering', ANN, handedOver);
    await world.given('intake', ANN, withdrawn);
    await world.given('intake', ANN, caseOpened(ANN, { caseId: 'case-2' }));
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-HANDED-OVER']);
    await world.given('intake', ANN, { ...cured, data: { ...cured.data, caseId: 'case-2' } } as typeof cured);
    await world.given('intake', ANN, caseOpened(ANN, { caseId: 'case-3' }));
    expect((await ask('c-2')).result).toBe('allowed');
  });

  test('flags of the bank are stops until a later record no longer carries them', async () => {
    await ask('c-1');
    const flags = [{ kind: 'plan', source: 'bank', since: '2026-11-01', until: null } as const];
    await world.given('intake', ANN, reported('2026-11-04', { flags }));
    expect(world.thenOf('PermitRevoked')).toMatchObject([{ contactId: 'c-1', why: 'plan' }]);
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-PLAN']);
    await world.given('intake', ANN, reported('2026-11-03'));
    expect(deniedBy(await ask('c-3'))).toEqual(['SMALL-PLAN']);
    await world.given('intake', ANN, reported('2026-11-05'));
    expect((await ask('c-4')).result).toBe('allowed');
  });

  test.each(['plan', 'deceased', 'legal', 'barred', 'disaster', 'represented'] as const)(
    'a flag of the bank, %s, stands while records do not say their flags, also in the next episode',
    async (kind) => {
      const flags = [{ kind, source: 'bank', since: '2026-11-01', until: null }];
      await world.given('intake', ANN, reported('2026-11-04', { flags }));
      const silent = { ...reported('2026-11-05'), data: { ...reported('2026-11-05').data, unsaid: ['flags'] } };
      await world.given('intake', ANN, silent);
      const opened = caseOpened(ANN, { caseId: 'case-2' });
      await world.given('intake', ANN, { ...opened, data: { ...opened.data, unsaid: ['flags'] } });
      expect(world.thenOf('StopPlaced')).toMatchObject([{ kind }]);
      expect(world.thenOf('StopLifted')).toEqual([]);
    },
  );

  test('a flag that a late record says is a stop, too', async () => {
    await world.given('intake', ANN, reported('2026-11-05'));
    const flags = [{ kind: 'plan', source: 'bank', since: '2026-11-01', until: null } as const];
    await world.given('intake', ANN, reported('2026-11-04', { flags }));
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-PLAN']);
  });
});

describe('payments', () => {
  test('a cure takes open permits back; a reversal lets the account be contacted again', async () => {
    await ask('c-1');
    await world.given('intake', ANN, cured);
    expect(world.thenOf('PermitRevoked')).toMatchObject([{ contactId: 'c-1', why: 'cured' }]);
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-PAID']);
    await world.given('intake', ANN, reopened);
    expect((await ask('c-3')).result).toBe('allowed');
  });

  test('within the tolerance nobody is contacted, until more is due', async () => {
    await world.given('intake', ANN, withinTolerance);
    expect(deniedBy(await ask('c-1'))).toEqual(['SMALL-PAID']);
    await world.given('intake', ANN, reported('2026-11-04', { unpaidMinimum: 1_000 }));
    expect(deniedBy(await ask('c-2'))).toEqual(['SMALL-PAID']);
    await world.given('intake', ANN, reported('2026-11-04', { unpaidMinimum: 1_001 }));
    expect((await ask('c-3')).result).toBe('allowed');
  });

  test('late facts of an earlier episode do not touch the present one', async () => {
    await world.given('intake', ANN, caseOpened(ANN, { caseId: 'case-2' }));
    await world.given('intake', ANN, cured);
    expect((await ask('c-1')).result).toBe('allowed');
  });
});
