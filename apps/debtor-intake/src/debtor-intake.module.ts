/** Takes the bank's facts in, and keeps the debtors' keys. */

import type { TimerRow } from '@mora/eventing';
import { append, type Command, command, streamId } from '@mora/eventing';
import type { Implementation, intakeV1 } from '@mora/grpc';
import type { Loop, ServiceCore, ServiceDefinition, ServiceParts } from '@mora/service';
import type { RawRecord } from './bank-record/record.js';
import { caseRef } from './case/case.js';
import { closeTolerated } from './case/decisions.js';
import type { IntakeConfig } from './config.js';
import type { TopicIntake } from './inbound/bank-topics/options.js';
import { type LoadOptions, type LoadSummary, loadFile } from './inbound/file/load-file.js';
import { intakeHandlers } from './inbound/intake.grpc.js';
import { createIntakeApi } from './inbound/intake-api.js';
import type { Channel, Outcome } from './inbound/outcome.js';
import { ParkedInputs, type ShownParked } from './inbound/parked-inputs.js';
import { RecordIntake } from './inbound/record-intake.js';
import { Keyring } from './keys/keyring.js';
import { localKms } from './keys/kms.js';
import { migrations } from './migrations/index.js';
import { type ParkedFilter, type ParkedInput, pgTables } from './outbound/intake-tables.js';

/** The doors of intake inside a process: for the command line and for a bank that lives there. */
export interface IntakeInbound {
  /** Records in their order, with the fields of the file format. @throws StoreUnavailable: send the same again */
  submit(records: readonly RawRecord[], channel?: Pick<Channel, 'kind' | 'name'>): Promise<readonly Outcome[]>;
  /** @throws FileRefused when the file as a whole cannot be read */
  loadFile(path: string, options?: LoadOptions): Promise<LoadSummary>;
  readonly parked: {
    list(filter?: ParkedFilter): Promise<readonly Omit<ParkedInput, 'raw'>[]>;
    show(id: string): Promise<ShownParked>;
    redrive(id: string, corrected?: RawRecord): Promise<Outcome>;
  };
  /** For `bankTopicsLoop`. */
  readonly topics: TopicIntake;
  /** `intake.v1`, for whoever serves gRPC. */
  readonly grpc: Implementation<typeof intakeV1.IntakeService>;
}

export const debtorIntakeService = (
  config: IntakeConfig,
): ServiceDefinition<ServiceParts & { readonly api: IntakeInbound }> => ({
  name: 'debtor-intake',
  source: 'intake',
  migrations,
  open: (core: ServiceCore) => {
    const { secrets } = config;
    const { wall } = core.platform.origin;
    const tables = pgTables(core.pool);
    const kms = config.kms ?? localKms(secrets.masterKeyId, secrets.masterKey);
    const keyring = new Keyring(tables, kms, secrets, wall);
    const parked = new ParkedInputs(tables, secrets, wall, config.parkedLifeDays);
    const { writer, clock, activity, log } = core;
    const intake = new RecordIntake({
      writer,
      table: tables,
      keyring,
      secrets,
      parked,
      clock,
      activity,
      log,
      trace: core.platform.trace,
      ...(config.patienceMs === undefined ? {} : { patienceMs: config.patienceMs }),
    });
    const { verifyPermit } = config;
    return {
      onTimer: (timer: TimerRow) => (timer.name === 'tolerance' ? [closeToleratedCase(timer)] : []),
      loops: [expiryLoop(parked, core)],
      provides: { intake: createIntakeApi({ writer, keyring, secrets, verifyPermit, wall }) },
      api: {
        submit: (records, channel = { kind: 'grpc', name: 'in-process' }) =>
          intake.submit(records.map((raw, offset) => ({ raw, channel: { ...channel, offset } }))),
        loadFile: async (path, options) => {
          const end = activity.begin();
          try {
            return await loadFile(path, (rows, dry) => (dry ? intake.rehearse(rows) : intake.submit(rows)), options);
          } finally {
            end();
          }
        },
        parked: {
          list: (filter) => parked.list(filter),
          show: (id) => parked.show(id),
          redrive: (id, corrected = {}) => parked.redrive(id, corrected, (inputs, park) => intake.submit(inputs, park)),
        },
        topics: {
          submit: (inputs, park) => intake.submit(inputs, park),
          park: (refused) => parked.park(refused),
        },
        grpc: intakeHandlers((inputs) => intake.submit(inputs)),
      },
    };
  },
});

const closeToleratedCase = (timer: TimerRow): Command => {
  const stream = caseRef(streamId(timer.stream));
  return command({
    name: 'close-tolerated',
    subject: timer.subject,
    shard: timer.shard,
    streams: [stream],
    about: { correlationId: streamId(timer.stream) },
    decide: ([state]) => closeTolerated(state).map((event) => append(stream, event)),
  });
};

const HOUR_MS = 3_600_000;

const expiryLoop = (parked: ParkedInputs, { log }: ServiceCore): Loop => {
  let interval: NodeJS.Timeout | null = null;
  const drop = () =>
    parked.dropExpired().then(
      () => undefined,
      (error: unknown) =>
        log.warn({ error: error instanceof Error ? error.name : 'unknown' }, 'expired input was not dropped'),
    );
  return {
    name: 'parked-expiry',
    start: async () => {
      await drop();
      interval = setInterval(() => void drop(), HOUR_MS);
      interval.unref();
    },
    stop: async () => {
      if (interval) clearInterval(interval);
      interval = null;
    },
  };
};
