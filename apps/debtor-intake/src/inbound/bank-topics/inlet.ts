/** The bank's topics as a way in: read once everything else runs, ended first. */
import type { Activity } from '@mora/eventing';
import { ACTIVITY, Inlet, LOG, POOL, type ServicePart } from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { INTAKE_CONFIG, type IntakeConfig } from '../../config.js';
import { ParkedInputs } from '../parked-inputs.js';
import { RecordIntake } from '../record-intake.js';
import { bankTopicsLoop } from './bank-topics.js';
import type { BankTopicsLoop } from './options.js';

@Inlet()
@Injectable()
export class BankTopicsInlet implements ServicePart {
  private readonly loop: BankTopicsLoop;

  constructor(
    @Inject(INTAKE_CONFIG) { bankTopics, secrets }: IntakeConfig,
    intake: RecordIntake,
    parked: ParkedInputs,
    @Inject(POOL) pool: Pool,
    @Inject(ACTIVITY) activity: Activity,
    @Inject(LOG) log: Log,
  ) {
    this.loop = bankTopicsLoop({
      ...bankTopics!,
      intake: {
        submit: (inputs, park) => intake.submit(inputs, park),
        park: (refused) => parked.park(refused),
      },
      markKey: secrets.intakeKey,
      pool,
      activity,
      log,
    });
  }

  async start(): Promise<void> {
    await this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }
}
