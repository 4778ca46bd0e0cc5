/** Intake as a process has it: its Nest application on a database, with the bank's door. */
import { createActivity, createRealClock } from '@mora/eventing';
import { fileV1, GrpcDoor, intakeV1, keysV1, parkedV1 } from '@mora/grpc';
import { storedSecrets } from '@mora/keys';
import { Application, Applications, createEmbeddedPlatform, type Platform, rootOf } from '@mora/service';
import { DebtorIntakeModule } from '../debtor-intake.module.js';

const SECRETS = storedSecrets(Buffer.alloc(32, 1), Buffer.alloc(32, 2));
/** The day of the samples, whatever the machine's: what lies ahead of it is parked. */
const BEGIN = Date.parse('2026-11-03T02:00:00.000Z');
const silent = () => undefined;

export interface IntakeProcess extends Pick<Application, 'get'> {
  readonly platform: Platform;
  /** Of `intake.v1`. */
  readonly port: number;
  stop(): Promise<void>;
}

/** @param log hears what the process says of errors */
export const startIntake = async (
  pool: Platform['pool'],
  log: Platform['log'] = { info: silent, warn: silent, error: silent },
): Promise<IntakeProcess> => {
  const began = Date.now();
  const clock = createRealClock('test', () => BEGIN + Date.now() - began);
  const platform = createEmbeddedPlatform({
    clock,
    activity: createActivity(),
    shards: 12,
    origin: { build: 'test', tzdata: 'test', clock: clock.anchor, simulated: null, now: clock.now, wall: Date.now },
    log,
    checkOwnEvents: true,
    pool,
    policyText: silent,
  });
  const door = new GrpcDoor({
    host: '127.0.0.1',
    port: 0,
    services: [intakeV1.IntakeService],
    hidden: [keysV1.KeysService, parkedV1.ParkedService, fileV1.FileService],
  });
  const app = await Application.create({
    module: rootOf(DebtorIntakeModule.for(platform, { secrets: SECRETS, verifyPermit: () => null })),
    log,
    doors: [door],
  });
  const all = new Applications([app], log);
  await all.open();
  await all.start();
  return {
    platform,
    port: door.port,
    get: (token) => app.get(token),
    stop: async () => {
      await all.close();
      clock.stop();
    },
  };
};
