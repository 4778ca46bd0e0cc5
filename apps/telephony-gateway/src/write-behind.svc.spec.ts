import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CommitResult, MemoryStore, StoreUnavailable, type StoreWrite } from '@mora/eventing';
import { PAUSE } from '@mora/service';
import { type ServiceWorld, serviceWorld } from '@mora/test-kit';
import { TelephonyGateway } from './gateway.js';
import { DEBTOR } from './leg/leg-fixtures.js';
import { CARRIER } from './outbound/carrier.js';
import { TelephonyGatewayModule } from './telephony-gateway.module.js';
import { attemptOf, config, dataKey, requestFor, START, WALL } from './testing/samples.js';
import { person, ScriptedCarrier } from './testing/scripted-carrier.js';

/** A store that does not answer for a while. */
class UnsteadyStore extends MemoryStore {
  failures = 0;
  onWritten: () => void = () => undefined;

  override commit(write: StoreWrite): Promise<CommitResult> {
    return this.told(() => super.commit(write));
  }

  override locked(...of: Parameters<MemoryStore['locked']>): Promise<CommitResult> {
    return this.told(() => super.locked(...of));
  }

  private async told(write: () => Promise<CommitResult>): Promise<CommitResult> {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new StoreUnavailable('down');
    }
    const result = await write();
    this.onWritten();
    return result;
  }
}

const SEVEN_PAUSES = [100, 200, 400, 800, 1_600, 3_200, 6_400];
const ANSWERED = { kind: 'answered', at: '2026-11-02T02:00:40.000Z', amd: person } as const;
const HUNG_UP = {
  kind: 'input',
  at: '2026-11-02T02:00:42.000Z',
  promptEndAt: '2026-11-02T02:00:41.000Z',
  input: { kind: 'hangup' },
} as const;

describe('what happens on the line', () => {
  const attempt = attemptOf('one');
  let carrier: ScriptedCarrier;
  let store: UnsteadyStore;
  let pauses: number[];
  let world: ServiceWorld;

  beforeEach(async () => {
    carrier = new ScriptedCarrier();
    store = new UnsteadyStore('telephony', 1);
    pauses = [];
    world = await serviceWorld({
      module: (platform) => TelephonyGatewayModule.for(platform, config),
      at: START,
      wall: WALL,
      shards: 1,
      stores: new Map([['telephony', store]]),
      ports: { intake: { unwrap: async () => dataKey } },
      override: (testing) =>
        testing
          .overrideProvider(CARRIER)
          .useValue(carrier)
          .overrideProvider(PAUSE)
          .useValue(async (ms: number) => void pauses.push(ms)),
    });
    const gateway = world.get(TelephonyGateway);
    const slot = gateway.requestSlot({ attemptId: attempt, debtorId: DEBTOR, priority: 1, queuedAt: START });
    await world.moveTo('2026-11-02T02:00:30.000Z');
    await slot;
    await gateway.originate(requestFor(attempt));
  });
  afterEach(() => world.stop());

  it('is answered at once and written when the store answers again', async () => {
    store.failures = 7;
    carrier.sink(attempt, ANSWERED);
    expect(carrier.said).toHaveLength(1);
    carrier.sink(attempt, HUNG_UP);
    await world.settled();
    expect(pauses).toEqual(SEVEN_PAUSES);
    expect(world.thenTypes()).toEqual(['LegAccepted', 'LegAnswered', 'TurnTaken', 'LegEnded']);
  });

  it('is tried anew, as often and as patiently, after each success', async () => {
    store.failures = 7;
    store.onWritten = () => {
      store.onWritten = () => undefined;
      store.failures = 7;
      carrier.sink(attempt, HUNG_UP);
    };
    carrier.sink(attempt, ANSWERED);
    await world.settled();
    expect(pauses).toEqual([...SEVEN_PAUSES, ...SEVEN_PAUSES]);
    expect(world.thenTypes().at(-1)).toBe('LegEnded');
    expect(world.warnings).toEqual([]);
  });

  it('is given up after eight tries: the call is hung up, and its timer calls the leg lost', async () => {
    store.failures = 8;
    carrier.sink(attempt, ANSWERED);
    await world.settled();
    expect(pauses).toEqual(SEVEN_PAUSES);
    expect(carrier.actions.at(-1)).toBe('hangup');
    expect(world.warnings).toEqual(['a leg could not be written; its timer will settle it']);
    carrier.sink(attempt, HUNG_UP);
    await world.moveTo('2026-11-02T02:30:00.000Z');
    expect(world.thenTypes()).toEqual(['LegAccepted', 'LegLost']);
  });
});
