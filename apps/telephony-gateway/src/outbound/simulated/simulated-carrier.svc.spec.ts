import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventEnvelope, uuidv5 } from '@mora/contracts';
import type { CarrierRecord } from '@mora/simulation';
import { serviceWorld } from '@mora/test-kit';
import { Line } from '../../effects/line.js';
import { TelephonyGateway } from '../../gateway.js';
import { DEBTOR } from '../../leg/leg-fixtures.js';
import { TelephonyGatewayModule } from '../../telephony-gateway.module.js';
import { attemptOf, config, dataKey, requestFor, START, WALL } from '../../testing/samples.js';

const ports = { intake: { unwrap: async () => dataKey } };

describe('the simulated carrier', () => {
  let folder: string;
  let logPath: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carrier-'));
    logPath = join(folder, 'carrier.ndjson');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const worldOf = (of: { readonly standsBy?: boolean; readonly onRecord?: (record: CarrierRecord) => void } = {}) => {
    const { onRecord, standsBy = false } = of;
    const simulated = { seed: 7, logPath, ...(onRecord ? { onRecord } : {}) };
    return serviceWorld({
      module: (platform) => TelephonyGatewayModule.for(platform, { ...config, channels: 65, simulated }),
      at: START,
      wall: WALL,
      ports,
      standsBy,
    });
  };

  /** One call to each of forty debtors, in this order of arrival. */
  const run = async (order: readonly number[]) => {
    await rm(logPath, { force: true });
    const log: CarrierRecord[] = [];
    const world = await worldOf({ onRecord: (record) => log.push(record) });
    const gateway = world.get(TelephonyGateway);
    const calls = order.map((i) => {
      const debtorId = uuidv5(DEBTOR, `debtor ${i}`);
      return { debtorId, attemptId: uuidv5(debtorId, 'attempt') };
    });
    const slots = calls.map((call) => gateway.requestSlot({ ...call, priority: 1, queuedAt: START }));
    await world.moveTo('2026-11-02T02:00:30.000Z');
    await Promise.all(slots);
    await Promise.all(calls.map(({ attemptId, debtorId }) => gateway.originate(requestFor(attemptId, {}, debtorId))));
    await world.moveTo('2026-11-02T02:14:00.000Z');
    await world.stop();
    return { events: world.events, log };
  };

  it('gives the same calls and outcomes whatever the order of arrival, and ends every call', async () => {
    const order = Array.from({ length: 40 }, (_, i) => i);
    const first = await run(order);
    const second = await run(order.toReversed());
    expect(toldOf(second.events)).toEqual(toldOf(first.events));
    const kinds = first.log.map((record) => record.kind);
    expect(kinds.filter((kind) => kind === 'invite')).toHaveLength(40);
    expect(kinds.filter((kind) => kind === 'end')).toHaveLength(40);
    expect(kinds.filter((kind) => kind === 'answer').length).toBeGreaterThan(5);
    const ended = first.events.filter((event) => event.type === 'LegEnded');
    expect(ended).toHaveLength(40);
    for (const { meta } of ended) expect(meta.at.slice(-8)).toMatch(/[03]0\.000Z/);
  });

  it('tells the calls of its log that the gateway does not know; once imported, none is made again', async () => {
    const attemptId = attemptOf('one');
    const of = { attemptId, debtorId: DEBTOR, number: '1', businessAt: START, wallAt: START };
    const records = [
      { ...of, kind: 'invite', ordinal: 1 },
      { ...of, kind: 'end', sipCode: 480 },
    ];
    await writeFile(logPath, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const world = await worldOf();
    const line = world.get(Line);
    expect(await line.missing()).toEqual([{ contactId: attemptId, debtorId: DEBTOR, channel: 'call', at: START }]);
    await line.importMissing('ann');
    expect(await line.missing()).toEqual([]);
    expect(world.events.map(({ type, data }) => [type, data])).toMatchObject([
      ['LegFound', { attemptId, contactId: attemptId, inviteAt: START, answered: false, by: 'ann' }],
    ]);
    const gateway = world.get(TelephonyGateway);
    const slot = gateway.requestSlot({ attemptId, debtorId: DEBTOR, priority: 1, queuedAt: START });
    await world.moveTo('2026-11-02T02:00:30.000Z');
    await slot;
    expect(await gateway.originate(requestFor(attemptId))).toEqual({
      result: 'refused',
      because: 'already originated',
    });
    await world.stop();
    expect((await readFile(logPath, 'utf8')).split('\n')).toHaveLength(3);
  });

  it('goes on counting the calls of its log, and cuts a torn line off', async () => {
    const invited = { kind: 'invite', attemptId: 'a', debtorId: DEBTOR, number: '1', ordinal: 3 };
    await writeFile(logPath, `${JSON.stringify(invited)}\n{"kind":"inv`);
    const log: CarrierRecord[] = [];
    const world = await worldOf({ onRecord: (record) => log.push(record) });
    const gateway = world.get(TelephonyGateway);
    const attemptId = attemptOf('one');
    const slot = gateway.requestSlot({ attemptId, debtorId: DEBTOR, priority: 1, queuedAt: START });
    await world.moveTo('2026-11-02T02:00:30.000Z');
    await slot;
    await gateway.originate(requestFor(attemptId));
    await world.stop();
    const wallAt = new Date(WALL).toISOString();
    expect(log[0]).toMatchObject({ kind: 'invite', debtorId: DEBTOR, ordinal: 4, wallAt });
    expect(await readFile(logPath, 'utf8')).toBe(
      `${[invited, ...log].map((line) => JSON.stringify(line)).join('\n')}\n`,
    );
  });

  it.each([
    ['a log with a torn line', '{"kind":"inv'],
    ['no log yet', null],
  ])('leaves to the working replica, while its own stands by: %s', async (_title, text) => {
    if (text !== null) await writeFile(logPath, text);
    const world = await worldOf({ standsBy: true });
    await world.settled();
    await world.stop();
    expect(existsSync(logPath) ? await readFile(logPath, 'utf8') : null).toBe(text);
  });
});

/** The facts in an order of their own, but for how long a decision took. */
const toldOf = (events: readonly EventEnvelope[]): readonly string[] =>
  events
    .map(({ type, data, meta }) =>
      JSON.stringify({ type, data, at: meta.at }, (key, value) => (key === 'latencyMs' ? undefined : value)),
    )
    .sort();
