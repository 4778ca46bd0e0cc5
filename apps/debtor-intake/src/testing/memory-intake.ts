/** Intake on a store in memory: the whole door without a database. */

import { type EventEnvelope, schemaOf } from '@mora/contracts';
import { type Clock, createActivity, MemoryStore, NO_WRITE, ShardWriter } from '@mora/eventing';
import { createTrace } from '@mora/telemetry';
import { createIntakeApi, type VerifyPermit } from '../inbound/intake-api.js';
import { ParkedInputs } from '../inbound/parked-inputs.js';
import { RecordIntake } from '../inbound/record-intake.js';
import { Keyring } from '../keys/keyring.js';
import { localKms } from '../keys/kms.js';
import { keyIdFor } from '../keys/names.js';
import { seededSecrets } from '../keys/secrets.js';
import type { IntakeTables, ParkedInput } from '../outbound/intake-tables.js';

const SHARDS = 3;

export const memoryIntake = (verifyPermit: VerifyPermit = () => null) => {
  const secrets = seededSecrets('test');
  const kms = localKms(secrets.masterKeyId, secrets.masterKey);
  const store = new MemoryStore('intake', SHARDS);
  const activity = createActivity();
  const trace = createTrace(null);
  let now = '2026-11-02T02:00:00.000Z';
  const clock: Clock = { anchor: { kind: 'stepped', anchorId: 'test' }, now: () => now, onTick: () => () => undefined };
  const events: EventEnvelope[] = [];
  const writer = new ShardWriter({
    store,
    activity,
    trace,
    origin: {
      source: 'intake',
      shards: SHARDS,
      build: 'test',
      tzdata: 'test',
      clock: clock.anchor,
      simulated: { version: '1', seed: 'test' },
      now: () => now,
      wall: () => Date.parse(now),
      check: (type, data) => void schemaOf('intake', type)!.parse(data),
    },
    onCommitted: (committed) => void events.push(...committed),
  });
  let outage = 0;
  const parkedRows = new Map<string, ParkedInput>();
  const debtorsWithKey = () => new Set(events.filter((e) => e.type === 'DebtorRecorded').map((e) => e.subject));
  const tables: IntakeTables = {
    rows: async (keys) => {
      if (outage > 0) {
        outage -= 1;
        throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      }
      let found: ReadonlyMap<string, unknown> = new Map();
      await store.locked([], async (session) => {
        found = await session.lockSide(keys);
        return NO_WRITE;
      });
      return found;
    },
    wrappedKeys: async (ids) => {
      const known = debtorsWithKey();
      const rows = ids
        .filter((id) => known.has(id))
        .map(async (id) => {
          const key = secrets.newKey(id);
          return [id, { keyId: keyIdFor(key), wrapped: await kms.wrap(id, key) }] as const;
        });
      return new Map(await Promise.all(rows));
    },
    park: async (rows) => {
      for (const row of rows) if (!parkedRows.has(row.id)) parkedRows.set(row.id, row);
    },
    list: async ({ state }) => [...parkedRows.values()].filter((row) => state === undefined || row.state === state),
    find: async (id) => parkedRows.get(id) ?? null,
    redriven: async (id) => void parkedRows.set(id, { ...parkedRows.get(id)!, state: 'redriven' }),
    dropExpired: async () => 0,
  };
  const wall = () => Date.parse(now);
  const keyring = new Keyring(tables, kms, secrets, wall);
  const parked = new ParkedInputs(tables, secrets, wall);
  const silent = () => undefined;
  const log = { info: silent, warn: silent, error: silent };
  const door = () =>
    new RecordIntake({
      writer,
      table: tables,
      keyring,
      secrets,
      parked,
      clock,
      activity,
      log,
      trace,
      patienceMs: 500,
    });
  const intake = door();
  return {
    intake,
    /** Another replica at the same store. */
    secondDoor: door,
    parked,
    events,
    activity,
    api: createIntakeApi({ writer, keyring, secrets, verifyPermit, wall }),
    types: () => events.map((e) => e.type),
    /** The next n questions to the database fail. */
    breakDown: (n: number) => {
      outage = n;
    },
    setNow: (at: string) => {
      now = at;
    },
  };
};
