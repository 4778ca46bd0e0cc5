import { afterEach, describe, expect, it } from '@jest/globals';
import type { RawRecord } from '../bank-record/record.js';
import { intakeWorld, stopWorlds } from '../testing/intake-world.fixture.js';
import { rawAccount, rawPayment } from '../testing/samples.js';
import type { Inbound } from './outcome.js';

afterEach(stopWorlds);

const at = (raw: RawRecord, offset = 2, name = 'book.csv'): Inbound => ({
  raw,
  channel: { kind: 'file', name, offset },
});
const wrong = rawAccount({ due_date: '31 Feb' });

describe('what is parked', () => {
  it('is closed by a corrected record of its bank event id, from whatever door', async () => {
    const { intake, parked } = await intakeWorld();
    await intake.submit([at(wrong)]);
    await intake.submit([{ ...at(rawAccount(), 0), channel: { kind: 'grpc', name: 'bank', offset: 0 } }]);
    expect(await parked.list()).toMatchObject([{ state: 'replaced' }]);
  });

  it('is closed also where only the id of a broken row could be read, and also by a load that was begun again', async () => {
    const { intake, parked } = await intakeWorld();
    await intake.submit([at(rawAccount())]);
    const broken = [{ field: 'row', reason: 'has 3 fields, the header has 9', value: '' }];
    await intake.submit([{ ...at({ row: 'x,y,z', bank_event_id: rawAccount()['bank_event_id']! }), broken }]);
    expect(await parked.list({ state: 'parked' })).toHaveLength(1);
    await intake.submit([at(rawAccount())]);
    expect(await parked.list({ state: 'parked' })).toEqual([]);
  });

  it('stays where another record than its own is taken, and where its id itself is the trouble', async () => {
    const { intake, parked } = await intakeWorld();
    await intake.submit([at(rawAccount())]);
    await intake.submit([at(rawAccount({ customer_no: 'C2' }), 3), at(rawPayment({ amount: 'x' }), 4)]);
    await intake.submit([at(rawAccount()), at(rawPayment({ bank_event_id: 'other', payment_id: 'P2' }), 5)]);
    expect((await parked.list({ state: 'parked' })).map((p) => p.channel.offset)).toEqual([3, 4]);
  });

  it('is counted whatever is listed of it', async () => {
    const { intake, parked } = await intakeWorld();
    await intake.submit(
      Array.from({ length: 115 }, (_, n) => at(rawPayment({ bank_event_id: `p${n}`, payment_id: `p${n}` }), n)),
    );
    const { inputs, total } = await parked.page({ state: 'parked', limit: 50 });
    expect([inputs.length, total]).toEqual([50, 115]);
  });

  it('of a giant record is its beginning, and it is driven again only with what it lost', async () => {
    const { intake, parked } = await intakeWorld();
    const submit = (inputs: readonly Inbound[], park: boolean) => intake.submit(inputs, park);
    await intake.submit([at(rawAccount({ benefits_text: '利'.repeat(60_000) }))]);
    const { id, problems } = (await parked.list())[0]!;
    expect(problems.at(-1)).toMatchObject({ field: 'benefits_text', reason: expect.stringContaining('256 are kept') });
    expect(await parked.show(id)).toMatchObject({ cut: ['benefits_text'], raw: { benefits_text: '利'.repeat(256) } });
    expect(await parked.redrive(id, {}, submit)).toMatchObject({
      result: 'parked',
      problems: [{ field: 'benefits_text' }],
    });
    expect(await parked.redrive(id, { benefits_text: '利' }, submit)).toMatchObject({ result: 'accepted' });
  });

  it('goes through the door as confirmed only when somebody says so', async () => {
    const { intake, parked } = await intakeWorld();
    await intake.submit([at(wrong)]);
    const id = (await parked.list())[0]!.id;
    const said: (boolean | undefined)[] = [];
    const door = async (inputs: readonly Inbound[]) => {
      said.push(...inputs.map(({ asIs }) => asIs));
      return inputs.map(() => ({ result: 'parked', parkedId: null, problems: [] }) as const);
    };
    await parked.redrive(id, {}, door);
    await parked.redrive(id, {}, door, true);
    await parked.redriveMany({ asIs: true }, door);
    expect(said).toEqual([undefined, true, true]);
  });
});
