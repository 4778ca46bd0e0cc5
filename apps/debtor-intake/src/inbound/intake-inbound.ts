/** The doors of intake inside a process: for the command line, and for a bank that lives there. */
import type { Activity } from '@mora/eventing';
import { ACTIVITY } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { RawRecord } from '../bank-record/record.js';
import type { ParkedFilter, ParkedInput } from '../outbound/intake-tables.js';
import { type LoadOptions, type LoadSummary, loadFile } from './file/load-file.js';
import type { Channel, Outcome } from './outcome.js';
import { ParkedInputs, type ShownParked } from './parked-inputs.js';
import { RecordIntake } from './record-intake.js';

@Injectable()
export class IntakeInbound {
  constructor(
    private readonly intake: RecordIntake,
    private readonly inputs: ParkedInputs,
    @Inject(ACTIVITY) private readonly activity: Activity,
  ) {}

  /** Records in their order, with the fields of the file format. @throws StoreUnavailable: send the same again */
  submit(
    records: readonly RawRecord[],
    channel: Pick<Channel, 'kind' | 'name'> = { kind: 'grpc', name: 'in-process' },
  ): Promise<readonly Outcome[]> {
    return this.intake.submit(records.map((raw, offset) => ({ raw, channel: { ...channel, offset } })));
  }

  /** @throws FileRefused when the file as a whole cannot be read */
  async loadFile(path: string, options?: LoadOptions): Promise<LoadSummary> {
    const end = this.activity.begin();
    try {
      const take = (rows: Parameters<RecordIntake['submit']>[0], dry: boolean) =>
        dry ? this.intake.rehearse(rows) : this.intake.submit(rows);
      return await loadFile(path, take, options);
    } finally {
      end();
    }
  }

  listParked(filter?: ParkedFilter): Promise<readonly Omit<ParkedInput, 'raw' | 'waitsFor'>[]> {
    return this.inputs.list(filter);
  }

  /** @throws ParkedNotFound */
  showParked(id: string): Promise<ShownParked> {
    return this.inputs.show(id);
  }

  /**
   * @param asIs its identifiers are right as they are, also where they look rounded
   * @throws ParkedNotFound
   */
  redriveParked(id: string, corrected: RawRecord = {}, asIs = false): Promise<Outcome> {
    return this.inputs.redrive(id, corrected, (inputs, park) => this.intake.submit(inputs, park), asIs);
  }
}
