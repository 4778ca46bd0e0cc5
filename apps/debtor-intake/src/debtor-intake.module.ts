import { fileV1, INTAKE_API, intakeV1, KeysController, keysV1, parkedV1 } from '@mora/grpc';
import { EventingModule, type Platform, POOL, processSpec, type ServiceSchema, WALL } from '@mora/service';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { INTAKE_CONFIG, type IntakeConfig, intakeConfig, secrets, settings } from './config.js';
import { CaseTimers } from './effects/case-timers.js';
import { NumberSharing } from './effects/number-sharing.js';
import { ParkedExpiry } from './effects/parked-expiry.js';
import { BankTopicsInlet } from './inbound/bank-topics/inlet.js';
import { FileController } from './inbound/file/file.grpc.js';
import { IntakeController } from './inbound/intake.grpc.js';
import { IntakePort } from './inbound/intake-api.js';
import { IntakeInbound } from './inbound/intake-inbound.js';
import { ParkedController } from './inbound/parked.grpc.js';
import { ParkedInputs } from './inbound/parked-inputs.js';
import { RecordIntake } from './inbound/record-intake.js';
import { Keyring } from './keys/keyring.js';
import { localKms } from './keys/kms.js';
import { migrations } from './migrations/index.js';
import { INTAKE_TABLES, type IntakeTables, pgTables } from './outbound/intake-tables.js';

/** Takes the bank's facts in, and keeps the debtors' keys. */
@Module({})
export class DebtorIntakeModule {
  static readonly schemas: readonly ServiceSchema[] = [{ name: 'debtor-intake', source: 'intake', migrations }];
  static readonly process = processSpec({
    settings,
    secrets,
    active: 'all',
    serves: [keysV1.KeysService, intakeV1.IntakeService, parkedV1.ParkedService, fileV1.FileService],
    configure: intakeConfig,
  });

  static for(platform: Platform, config: IntakeConfig): DynamicModule {
    const { secrets: secret, kms = localKms(secret.masterKeyId, secret.masterKey) } = config;
    return {
      module: DebtorIntakeModule,
      imports: [EventingModule.for(platform, DebtorIntakeModule.schemas)],
      controllers: [KeysController, IntakeController, ParkedController, FileController],
      providers: [
        { provide: INTAKE_CONFIG, useValue: config },
        { provide: INTAKE_TABLES, useFactory: (pool: Pool) => pgTables(pool), inject: [POOL] },
        {
          provide: Keyring,
          useFactory: (tables: IntakeTables, wall: () => number) => new Keyring(tables, kms, secret, wall),
          inject: [INTAKE_TABLES, WALL],
        },
        {
          provide: ParkedInputs,
          useFactory: (tables: IntakeTables, wall: () => number) =>
            new ParkedInputs(tables, secret, wall, config.parkedLifeDays),
          inject: [INTAKE_TABLES, WALL],
        },
        RecordIntake,
        IntakePort,
        { provide: INTAKE_API, useExisting: IntakePort },
        IntakeInbound,
        CaseTimers,
        ParkedExpiry,
        NumberSharing,
        ...(config.bankTopics ? [BankTopicsInlet] : []),
      ],
    };
  }
}
