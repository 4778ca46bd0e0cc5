import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Contacts, type ContactsEvent, contacts, openPermits, REMEMBER_MS, usedContacts } from './contacts.js';
import { noteOutcome, placeStops } from './decisions.js';
import { numberRow, othersAttempts, othersCalls, rowBarred, rowWith } from './number-usage.js';
import { rowSpent, spendRow } from './spending.js';

const T0 = Date.parse('2026-11-04T02:00:00.000Z');
const at = (ms: number) => new Date(T0 + ms).toISOString();
const HOUR = 3_600_000;

const permittedEvent = (contactId: string, when: string, phoneRef = 'phone-ref-1') =>
  ({
    type: 'ContactPermitted',
    data: {
      contactId,
      debtorId: 'd',
      channel: 'call',
      gatewayId: 'g',
      context: { accountId: 'acc-1', tier: 'L', strategyHash: 's' },
      verdict: {
        contactId,
        channel: 'call',
        phoneRef,
        judgedAt: when,
        startNotAfter: when,
        ringMaxSeconds: 35,
        endBy: when,
        accountIds: ['acc-1'],
        unsolicited: false,
        deniedBy: [],
        retryNotBefore: null,
      },
    },
  }) as unknown as ContactsEvent;

const connected = {
  contactId: 'c-1',
  fate: 'connected',
  because: 'x',
  countedAt: at(0),
  units: null,
  contact: { channel: 'call', phoneRef: 'phone-ref-1', accountIds: ['acc-1'] },
} as const;

const given = (...events: readonly (readonly [number, ContactsEvent])[]): Contacts =>
  events.reduce((state, [ms, event]) => contacts.evolve(state, event, at(ms)), contacts.initial);

describe('contacts of a debtor', () => {
  test('stay small: what no rule can see any more is pruned with the next contact', () => {
    let state = contacts.initial;
    for (let n = 0; n < 400; n++) state = contacts.evolve(state, permittedEvent(`c-${n}`, at(n * HOUR)), at(n * HOUR));
    expect(state.contacts.length).toBe(REMEMBER_MS / HOUR + 1);
  });

  test('forgets no contact of the last 48 hours', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 30, maxLength: 60 }), (gaps) => {
        let now = 0;
        let state = contacts.initial;
        const all = gaps.map((gap, n) => {
          now += gap * 60_000;
          state = contacts.evolve(state, permittedEvent(`c-${n}`, at(now)), at(now));
          return { id: `c-${n}`, now };
        });
        const kept = new Set(state.contacts.map((c) => c.contactId));
        for (const c of all) if (c.now > now - 48 * HOUR) expect(kept.has(c.id)).toBe(true);
      }),
    );
  });

  test('keeps a timer while a permit is open, and none after its outcome', () => {
    const state = given([0, permittedEvent('c-1', at(0))]);
    expect(contacts.timersOf?.(state)).toEqual([{ name: 'permits', dueAt: at(600_000) }]);
    const done = noteOutcome({ ...connected, fate: 'unanswered', countedAt: at(1) }, 'd', state);
    expect(done.map((e) => e.type)).toEqual(['ReservationConfirmed', 'ReservationReleased']);
    const after = done.reduce((s, e) => contacts.evolve(s, e, at(1)), state);
    expect(contacts.timersOf?.(after)).toEqual([]);
    expect(openPermits(after)).toEqual([]);
    expect(after.contacts[0]).toMatchObject({ attempt: 'confirmed', connected: 'released' });
  });

  test('a contact counts at its own time when that is later than its permit', () => {
    const state = given([0, permittedEvent('c-1', at(0))]);
    const later = noteOutcome({ ...connected, countedAt: at(9_000) }, 'd', state);
    expect(contacts.evolve(state, later[0]!, at(20_000)).contacts[0]).toMatchObject({ at: at(9_000) });
    const before = noteOutcome({ ...connected, countedAt: at(-9_000) }, 'd', state);
    expect(contacts.evolve(state, before[0]!, at(20_000)).contacts[0]).toMatchObject({ at: at(0) });
  });

  test('an outcome of a contact that the guard does not know counts once; one that never left counts nowhere', () => {
    const unknown = { ...connected, contactId: 'c-9' };
    const [first] = noteOutcome(unknown, 'd', contacts.initial);
    expect(first).toMatchObject({ type: 'ContactImported', data: { contactId: 'c-9', connected: true } });
    const state = contacts.evolve(contacts.initial, first!, at(1));
    expect(usedContacts(state)).toMatchObject([{ at: at(0), attempt: 'confirmed', connected: 'confirmed' }]);
    expect(noteOutcome(unknown, 'd', state)).toEqual([]);
    expect(noteOutcome({ ...unknown, fate: 'never-left' }, 'd', contacts.initial)).toEqual([]);
  });

  test('a stop on a number takes back only the permits to that number', () => {
    const state = given([0, permittedEvent('c-1', at(0))], [1, permittedEvent('c-2', at(1), 'phone-ref-2')]);
    const stop = {
      kind: 'stop-asked',
      scope: 'number',
      phoneRef: 'phone-ref-2',
      channels: ['call'],
      source: 'call',
    } as const;
    const events = placeStops([stop], { debtorId: 'd', cause: 'k', at: at(2) }, state);
    expect(events.map((e) => [e.type, 'contactId' in e.data ? e.data.contactId : null])).toEqual([
      ['StopPlaced', null],
      ['PermitRevoked', 'c-2'],
    ]);
  });
});

describe('the row of a number', () => {
  const attempt = (debtorId: string, contactId: string) => ({ debtorId, contactId, phoneRef: 'phone-ref-1' });

  test('shows each debtor what the others did in the last 48 hours', () => {
    const one = rowWith(numberRow(undefined), attempt('ann', 'a-1'), contacts.initial, at(0));
    const two = rowWith(one, attempt('bob', 'b-1'), contacts.initial, at(HOUR));
    expect(othersAttempts(two, 'ann', at(HOUR))).toEqual([at(HOUR)]);
    expect(othersAttempts(two, 'bob', at(48 * HOUR))).toEqual([at(0)]);
    expect(othersAttempts(two, 'bob', at(48 * HOUR + 1))).toEqual([]);
    expect(rowWith(two, attempt('bob', 'b-2'), contacts.initial, at(60 * HOUR)).attempts).toHaveLength(1);
  });

  test("learns at the debtor's next permit which of his calls were answered, and drops what never left", () => {
    const state = given(
      [0, permittedEvent('a-1', at(0))],
      [
        1,
        {
          type: 'ReservationConfirmed',
          data: { contactId: 'a-1', debtorId: 'ann', channel: 'call', attempt: true, connected: true, because: 'x' },
        },
      ],
      [2, permittedEvent('a-2', at(2))],
      [3, permittedEvent('a-4', at(3))],
      [
        4,
        {
          type: 'ReservationReleased',
          data: { contactId: 'a-4', debtorId: 'ann', channel: 'call', attempt: true, connected: true, because: 'x' },
        },
      ],
    );
    const row = rowWith(
      rowWith(numberRow(undefined), attempt('ann', 'a-1'), contacts.initial, at(0)),
      attempt('ann', 'a-3'),
      state,
      at(5),
    );
    expect(row.attempts.map((a) => a.contactId)).toEqual(['a-1', 'a-2', 'a-3']);
    expect(othersAttempts(row, 'bob', at(5))).toEqual([at(2), at(5)]);
    expect(othersCalls(row, 'bob', at(5))).toEqual([at(0), at(2), at(5)]);
  });

  test('keeps bars for ever, once per debtor', () => {
    const barred = rowBarred(rowBarred(numberRow(undefined), 'ann', 'k-1'), 'ann', 'k-2');
    expect(rowWith(barred, attempt('bob', 'b-1'), contacts.initial, at(9_999 * HOUR)).barredBy).toEqual([
      { debtorId: 'ann', evidence: 'k-1' },
    ]);
  });
});

describe('the row of what is spent', () => {
  test('adds up by the hour of the permit, gives back to that hour, and forgets after two days', () => {
    const reserved = rowSpent(rowSpent(spendRow(undefined), 30, at(0), at(0)), 30, at(HOUR), at(HOUR));
    const settled = rowSpent(reserved, -20, at(0), at(2 * HOUR));
    expect([...settled.hours].sort((a, b) => (a.at < b.at ? -1 : 1))).toEqual([
      { at: at(0), minor: 10 },
      { at: at(HOUR), minor: 30 },
    ]);
    expect(rowSpent(settled, 30, at(60 * HOUR), at(60 * HOUR)).hours).toEqual([{ at: at(60 * HOUR), minor: 30 }]);
    expect(rowSpent(settled, -999, at(HOUR), at(HOUR)).hours).toContainEqual({ at: at(HOUR), minor: 0 });
  });
});
