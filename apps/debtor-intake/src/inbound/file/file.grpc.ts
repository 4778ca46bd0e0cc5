/** `intake.v1.FileService`: a file on this machine, for those who are on it. */
import type { fileV1 } from '@mora/grpc';
import { NotOnThisMachine } from '@mora/service';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { INTAKE_CONFIG, type IntakeConfig } from '../../config.js';
import { IntakeInbound } from '../intake-inbound.js';
import type { LoadSummary } from './load-file.js';
import type { LoadCounts, RowProblem } from './tally.js';

@Controller()
export class FileController {
  constructor(
    private readonly intake: IntakeInbound,
    @Inject(INTAKE_CONFIG) private readonly config: Pick<IntakeConfig, 'readsFiles'>,
  ) {}

  /** @throws NotOnThisMachine | CommandRefused */
  @GrpcMethod('FileService', 'Begin')
  async begin({ path, dryRun, encoding, columns, exactIds }: fileV1.BeginRequest) {
    this.assertOnThisMachine();
    const options = { dryRun, encoding, map: { ...columns }, exactIds };
    return { loadId: await this.intake.beginLoad(path, options) };
  }

  /** @throws NotOnThisMachine | LoadUnknown */
  @GrpcMethod('FileService', 'Look')
  async look({ loadId, after }: fileV1.LookRequest) {
    this.assertOnThisMachine();
    const { progress, summary, reason, problems, ...state } = await this.intake.lookAtLoad(loadId, after);
    return {
      ...state,
      bytesRead: BigInt(progress.bytesRead),
      bytesTotal: BigInt(progress.bytesTotal),
      rows: progress.rows,
      counts: countsOf(progress),
      problems: problems.map(problemOf),
      summary: summary === null ? undefined : summaryOf(summary),
      reason: reason ?? undefined,
    };
  }

  private assertOnThisMachine(): void {
    if (!this.config.readsFiles) throw new NotOnThisMachine('files are read');
  }
}

const countsOf = ({ read, accepted, superseded, duplicates, parked }: LoadCounts) => ({
  read,
  accepted,
  superseded,
  duplicates,
  parked,
});

const problemOf = ({ line, field, reason, value, mend }: RowProblem) => ({
  line,
  problem: { field, reason, value },
  mend,
});

const summaryOf = (summary: LoadSummary) => ({
  file: summary.file,
  encoding: summary.encoding,
  separator: summary.separator,
  dryRun: summary.dryRun,
  counts: countsOf(summary),
  byReason: { ...summary.byReason },
  problems: summary.problems.map(problemOf),
  problemCount: summary.problemCount,
  ignoredColumns: [...summary.ignoredColumns],
  unusedWords: [...summary.unusedWords],
});
