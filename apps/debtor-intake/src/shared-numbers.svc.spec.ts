import { afterEach, describe, expect, it } from '@jest/globals';
import { NumberSharing } from './effects/number-sharing.js';
import type { Inbound } from './inbound/outcome.js';
import { intakeWorld, stopWorlds } from './testing/intake-world.fixture.js';
import { rawAccount } from './testing/samples.js';

const SHARED = '+8613800138000';
const OWN = '+8613900139000';

const record = (customer: string, phones: readonly string[], day = 2): Inbound => ({
  channel: { kind: 'file', name: 'book.csv', offset: 0 },
  raw: rawAccount({
    bank_event_id: `${customer}-${day}`,
    business_date: `2026-11-0${day}`,
    dpd: '',
    customer_no: customer,
    account_id: `A-${customer}`,
    phones: phones.map((number, at) => `${number}|registered|${at + 1}`).join(';'),
  }),
});

const intake = async () => {
  const { world, intake: door, events, api, secondDoor } = await intakeWorld();
  await world.moveTo('2026-11-05T02:00:00.000Z');
  const debtors = new Map<string, string>();
  return {
    world,
    events,
    api,
    secondDoor,
    sharing: world.get(NumberSharing),
    /** Records one after the other, each with all that follows from it. */
    async takes(...records: readonly Inbound[]) {
      for (const one of records) {
        const [outcome] = await door.submit([one]);
        if (outcome?.result !== 'accepted' || outcome.debtorId === null) throw new Error(JSON.stringify(outcome));
        debtors.set(one.raw['customer_no']!, outcome.debtorId);
        await world.settled();
      }
    },
    /** What was said of a customer's numbers last, by place of the number in his newest record. */
    sharedBy(customer: string): readonly (number | null)[] {
      const own = events.filter((event) => event.subject === debtors.get(customer));
      const recorded = own.findLast((event) => event.type === 'DebtorRecorded')!.data as {
        phones: { phoneRef: string }[];
      };
      return recorded.phones.map(({ phoneRef }) => {
        const said = own.findLast(
          ({ type, data }) => type === 'NumberShared' && (data as { phoneRef: string }).phoneRef === phoneRef,
        );
        return said === undefined ? null : (said.data as { debtors: number }).debtors;
      });
    },
    phonesOf(customer: string): number {
      const own = events.filter((event) => event.subject === debtors.get(customer));
      return (own.findLast(({ type }) => type === 'DebtorRecorded')!.data as { phones: unknown[] }).phones.length;
    },
    said: () => events.filter(({ type }) => type === 'NumberShared').length,
  };
};

afterEach(stopWorlds);

describe('a number of several debtors', () => {
  it('is told to each of them when the second and the third bring it, and only then', async () => {
    const { takes, sharedBy, said, events } = await intake();
    await takes(record('ann', [SHARED, OWN]));
    expect(said()).toBe(0);
    await takes(record('bob', [SHARED]));
    expect([sharedBy('ann'), sharedBy('bob')]).toEqual([[2, null], [2]]);
    await takes(record('cid', [SHARED]));
    expect([sharedBy('ann'), sharedBy('bob'), sharedBy('cid')]).toEqual([[3, null], [3], [3]]);
    expect(said()).toBe(5);
    expect(JSON.stringify(events)).not.toContain('13800138000');
  });

  it('is told once although two debtors bring it in one file', async () => {
    const { world, events, intake: door } = await intakeWorld();
    await door.submit([record('ann', [SHARED]), record('bob', [SHARED])]);
    await world.settled();
    const told = events.filter(({ type }) => type === 'NumberShared');
    expect(told.map(({ data }) => (data as { debtors: number }).debtors)).toEqual([2, 2]);
    expect(new Set(told.map(({ subject }) => subject)).size).toBe(2);
  });

  it('is told again when one of them leaves it, and when he takes it again', async () => {
    const { takes, sharedBy } = await intake();
    await takes(record('ann', [SHARED]), record('bob', [SHARED]), record('cid', [SHARED]));
    await takes(record('cid', [OWN], 3));
    expect([sharedBy('ann'), sharedBy('bob'), sharedBy('cid')]).toEqual([[2], [2], [null]]);
    await takes(record('bob', [OWN], 3));
    expect([sharedBy('ann'), sharedBy('bob'), sharedBy('cid')]).toEqual([[1], [2], [2]]);
    await takes(record('cid', [SHARED], 4));
    expect([sharedBy('ann'), sharedBy('bob'), sharedBy('cid')]).toEqual([[2], [1], [2]]);
  });

  const corrected = (from: string, to: string, day = 3): Inbound => {
    const one = record(to, [SHARED], day);
    return { ...one, raw: { ...one.raw, account_id: `A-${from}`, bank_event_id: `corrected-${from}` } };
  };

  it('is one person’s when the bank corrected whose account it is', async () => {
    const { takes, sharedBy, phonesOf } = await intake();
    await takes(record('ann', [SHARED]), corrected('ann', 'bob'));
    expect(phonesOf('ann')).toBe(0);
    expect(sharedBy('bob')).toEqual([1]);
  });

  it('stays also the old customer’s while he has another account', async () => {
    const { takes, sharedBy, phonesOf } = await intake();
    const other = record('ann', [SHARED]);
    await takes(record('ann', [SHARED]), {
      ...other,
      raw: { ...other.raw, account_id: 'A-ann-2', bank_event_id: 'ann-other' },
    });
    await takes(corrected('ann', 'bob'));
    expect([phonesOf('ann'), sharedBy('ann'), sharedBy('bob')]).toEqual([1, [2], [2]]);
  });

  it('is his again when an account comes back to him', async () => {
    const { takes, sharedBy, phonesOf } = await intake();
    const back = record('ann', [SHARED], 4);
    await takes(record('ann', [SHARED]), corrected('ann', 'bob'), back);
    expect([phonesOf('ann'), phonesOf('bob'), sharedBy('ann')]).toEqual([1, 0, [1]]);
  });

  it('of a whole book costs each of them the same, and its row stays small', async () => {
    const { takes, sharedBy, said, events } = await intake();
    const customers = Array.from({ length: 30 }, (_, n) => `c-${n}`);
    await takes(...customers.map((customer) => record(customer, [SHARED])));
    expect(new Set(customers.map((customer) => sharedBy(customer)[0]))).toEqual(new Set([3]));
    // The first two hear of the second and of the third, everybody else once, of himself.
    expect(said()).toBe(2 + 2 + 28);
    expect(events.filter(({ type }) => type === 'NumbersMoved')).toHaveLength(2);
    await takes(...customers.slice(0, 29).map((customer) => record(customer, [OWN], 3)));
    expect(sharedBy('c-29')).toEqual([3]);
  });

  it('says nothing new of the same records again', async () => {
    const { takes, said } = await intake();
    await takes(record('ann', [SHARED]), record('bob', [SHARED]));
    await takes(record('ann', [SHARED], 3), record('bob', [SHARED], 3));
    expect(said()).toBe(2);
  });

  it('is told after a crash before the others knew', async () => {
    const { world, takes, sharing, sharedBy, events } = await intake();
    await takes(record('ann', [SHARED]));
    sharing.stop();
    await takes(record('bob', [SHARED]));
    expect([sharedBy('ann'), sharedBy('bob')]).toEqual([[null], [2]]);
    const again = await world.restarted();
    again.core.writer.onCommitted((committed) => void events.push(...committed));
    await again.moveTo('2026-11-05T03:00:00.000Z');
    expect([sharedBy('ann'), sharedBy('bob')]).toEqual([[2], [2]]);
    expect(await again.core.store.timersNamed('numbers')).toEqual([]);
    await again.stop();
  });
});
