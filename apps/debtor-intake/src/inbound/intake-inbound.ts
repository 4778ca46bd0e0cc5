/** The doors of intake inside a process: for the command line, and for a bank that lives there. */
import { type Activity, CommandRefused } from '@mora/eventing';
import { ACTIVITY } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { RawRecord } from '../bank-record/record.js';
import { INTAKE_CONFIG, type IntakeConfig } from '../config.js';
import type { ParkedFilter } from '../outbound/intake-tables.js';
import { ENCODINGS, type Encoding, encodingNamed } from './file/encoding.js';
import { type LoadOptions, type LoadSummary, loadFile } from './file/load-file.js';
import { FileLoads, type LoadState } from './file/loads.js';
import type { Channel, Outcome } from './outcome.js';
import {
  type ListedParked,
  ParkedInputs,
  type ParkedList,
  type RedriveMany,
  type RedrivenMany,
  type ShownParked,
} from './parked-inputs.js';
import { RecordIntake } from './record-intake.js';

export interface BeginLoad extends Pick<LoadOptions, 'dryRun' | 'map' | 'exactIds'> {
  /** By any of its names; absent: told by the file, or the file is refused. */
  readonly encoding?: string | undefined;
}

const encodingAsked = (word: string | undefined): Encoding | undefined => {
  const encoding = word === undefined ? undefined : encodingNamed(word);
  if (encoding === null) throw new CommandRefused('INVALID_REQUEST', `encoding must be one of ${ENCODINGS.join(', ')}`);
  return encoding;
};

@Injectable()
export class IntakeInbound {
  private readonly loads = new FileLoads((path, options) => this.loadFile(path, options));

  constructor(
    private readonly intake: RecordIntake,
    private readonly inputs: ParkedInputs,
    @Inject(ACTIVITY) private readonly activity: Activity,
    @Inject(INTAKE_CONFIG) private readonly config: Pick<IntakeConfig, 'exactIds'>,
  ) {}

  /** Records in their order, with the fields of the file format. @throws StoreUnavailable: send the same again */
  submit(
    records: readonly RawRecord[],
    channel: Pick<Channel, 'kind' | 'name'> = { kind: 'grpc', name: 'in-process' },
  ): Promise<readonly Outcome[]> {
    return this.intake.submit(records.map((raw, offset) => ({ raw, channel: { ...channel, offset } })));
  }

  /** @throws FileRefused when the file as a whole cannot be read */
  async loadFile(path: string, options: LoadOptions = {}): Promise<LoadSummary> {
    const end = this.activity.begin();
    try {
      const take = (rows: Parameters<RecordIntake['submit']>[0], dry: boolean) =>
        dry ? this.intake.rehearse(rows) : this.intake.submit(rows);
      return await loadFile(path, take, {
        ...options,
        exactIds: options.exactIds || this.config.exactIds?.includes('file'),
      });
    } finally {
      end();
    }
  }

  /** Begins to load a file and returns at once. @returns the id under which it is looked at @throws CommandRefused */
  async beginLoad(path: string, { encoding, ...options }: BeginLoad = {}): Promise<string> {
    return this.loads.begin(path, { ...options, encoding: encodingAsked(encoding) });
  }

  /** How a load goes, and its problems after the `after`-th. @throws LoadUnknown */
  async lookAtLoad(id: string, after = 0): Promise<LoadState> {
    return this.loads.look(id, after);
  }

  listParked(filter: ParkedFilter = {}): Promise<readonly ListedParked[]> {
    return this.inputs.list(filter);
  }

  /** With how many there are in all. */
  pageOfParked(filter: ParkedFilter): Promise<ParkedList> {
    return this.inputs.page(filter);
  }

  /** @throws ParkedNotFound */
  showParked(id: string): Promise<ShownParked> {
    return this.inputs.show(id);
  }

  /**
   * @param asIs its ids are right as they are, also where they look rounded
   * @throws ParkedNotFound
   */
  redriveParked(id: string, corrected: RawRecord = {}, asIs = false): Promise<Outcome> {
    return this.inputs.redrive(id, corrected, (inputs, park) => this.intake.submit(inputs, park), asIs);
  }

  /** The next of those that are meant, as they are; the caller goes on after `next`. */
  redriveManyParked(many: RedriveMany): Promise<RedrivenMany> {
    return this.inputs.redriveMany(many, (inputs, park) => this.intake.submit(inputs, park));
  }
}
