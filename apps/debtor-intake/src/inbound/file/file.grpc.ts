/** `intake.v1.FileService`: a file on this machine, for those who are on it. */

import type { Activity } from '@mora/eventing';
import { type fileV1, inHand } from '@mora/grpc';
import { ACTIVITY, NotOnThisMachine } from '@mora/service';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { INTAKE_CONFIG, type IntakeConfig } from '../../config.js';
import { IntakeInbound } from '../intake-inbound.js';

@Controller()
export class FileController {
  constructor(
    private readonly intake: IntakeInbound,
    @Inject(INTAKE_CONFIG) private readonly config: Pick<IntakeConfig, 'readsFiles'>,
    @Inject(ACTIVITY) private readonly activity: Activity,
  ) {}

  /** @throws NotOnThisMachine | FileRefused */
  @GrpcMethod('FileService', 'Load')
  load({ path, dryRun }: fileV1.LoadRequest) {
    if (!this.config.readsFiles) throw new NotOnThisMachine('files are read');
    return inHand(this.activity, async () => {
      const { problems, ignoredColumns, ...summary } = await this.intake.loadFile(path, { dryRun });
      return {
        ...summary,
        ignoredColumns: [...ignoredColumns],
        problems: problems.map(({ line, field, reason, value }) => ({ line, problem: { field, reason, value } })),
      };
    });
  }
}
