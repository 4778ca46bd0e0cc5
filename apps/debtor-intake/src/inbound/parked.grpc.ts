/** `intake.v1.ParkedService`: operators look at what could not be taken, and drive it again. */
import { type Activity, CommandRefused } from '@mora/eventing';
import { inHand, type parkedV1 } from '@mora/grpc';
import { ACTIVITY } from '@mora/service';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { ParkedInput } from '../outbound/intake-tables.js';
import { IntakeInbound } from './intake-inbound.js';
import type { Outcome } from './outcome.js';

const MOST = 1_000;

const inputOf = ({ channel, ...input }: Omit<ParkedInput, 'raw' | 'waitsFor'>) => ({
  ...input,
  problems: [...input.problems],
  channel: { ...channel, offset: BigInt(channel.offset) },
});

const redrivenOf = (outcome: Outcome) => {
  switch (outcome.result) {
    case 'parked':
      return { result: 'parked', parkedId: outcome.parkedId ?? undefined, problems: [...outcome.problems] };
    case 'duplicate':
      return { result: 'duplicate' };
    default: {
      const { result, debtorId, caseId } = outcome;
      return { result, debtorId: debtorId ?? undefined, caseId: caseId ?? undefined };
    }
  }
};

@Controller()
export class ParkedController {
  constructor(
    private readonly intake: IntakeInbound,
    @Inject(ACTIVITY) private readonly activity: Activity,
  ) {}

  @GrpcMethod('ParkedService', 'List')
  async list({ limit }: parkedV1.ListRequest) {
    if (limit < 1 || limit > MOST) throw new CommandRefused('INVALID_REQUEST', `limit must be from 1 to ${MOST}`);
    return { inputs: (await this.intake.listParked({ limit })).map(inputOf) };
  }

  @GrpcMethod('ParkedService', 'Show')
  async show({ id }: parkedV1.ShowRequest) {
    const { raw, ...input } = await this.intake.showParked(id);
    return { input: inputOf(input), raw: Object.entries(raw).map(([name, value]) => ({ name, value })) };
  }

  @GrpcMethod('ParkedService', 'Redrive')
  redrive({ id, corrected, asIs }: parkedV1.RedriveRequest) {
    return inHand(this.activity, async () => {
      const fields = Object.fromEntries(corrected.map(({ name, value }) => [name, value]));
      return redrivenOf(await this.intake.redriveParked(id, fields, asIs));
    });
  }
}
