/** Intake in memory: the whole door without a database. */
import type { EventEnvelope } from '@mora/contracts';
import { MemoryStore } from '@mora/eventing';
import type { VerifyPermit } from '@mora/keys';
import { seededSecrets } from '@mora/keys';
import { createTrace } from '@mora/telemetry';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { DebtorIntakeModule } from '../debtor-intake.module.js';
import { IntakePort } from '../inbound/intake-api.js';
import { ParkedInputs } from '../inbound/parked-inputs.js';
import { RecordIntake } from '../inbound/record-intake.js';
import { INTAKE_TABLES } from '../outbound/intake-tables.js';
import { MemoryTables } from './memory-tables.js';

const SHARDS = 3;
const AT = '2026-11-02T02:00:00.000Z';

const worlds: ServiceWorld[] = [];

/** Ends what {@link intakeWorld} began. */
export const stopWorlds = async (): Promise<void> => {
  for (const world of worlds.splice(0)) await world.stop();
};

export const intakeWorld = async (verifyPermit: VerifyPermit = () => null) => {
  const secrets = seededSecrets('test');
  const store = new MemoryStore('intake', SHARDS);
  const tables = new MemoryTables(store, secrets);
  const events: EventEnvelope[] = [];
  const replica = async (): Promise<ServiceWorld> => {
    const world = await serviceWorld({
      module: (platform) =>
        DebtorIntakeModule.for({ ...platform, trace: createTrace(null) }, { secrets, verifyPermit, patienceMs: 500 }),
      at: AT,
      wall: Date.parse(AT),
      shards: SHARDS,
      stores: new Map([['intake', store]]),
      override: (testing) => testing.overrideProvider(INTAKE_TABLES).useValue(tables),
    });
    worlds.push(world);
    world.core.writer.onCommitted((committed) => void events.push(...committed));
    return world;
  };
  const world = await replica();
  return {
    world,
    intake: world.get(RecordIntake),
    parked: world.get(ParkedInputs),
    api: world.get(IntakePort),
    /** Of all replicas. */
    events,
    tables,
    types: () => events.map(({ type }) => type),
    /** Another replica at the same store. */
    secondDoor: async () => (await replica()).get(RecordIntake),
  };
};
