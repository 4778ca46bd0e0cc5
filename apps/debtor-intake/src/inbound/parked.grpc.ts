/** `intake.v1.ParkedService`: operators look at what could not be taken, and drive it again. */
import { type Activity, CommandRefused } from '@mora/eventing';
import { inHand, type parkedV1 } from '@mora/grpc';
import { ACTIVITY } from '@mora/service';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { PARKED_STATES, type ParkedState } from '../outbound/intake-tables.js';
import { IntakeInbound } from './intake-inbound.js';
import type { Outcome } from './outcome.js';
import type { ListedParked } from './parked-inputs.js';

const MOST = 1_000;

const inputOf = ({ channel, ...input }: ListedParked) => ({
  ...input,
  problems: [...input.problems],
  channel: { ...channel, offset: BigInt(channel.offset) },
});

const stateOf = (state: string | undefined): ParkedState | undefined => {
  const known = PARKED_STATES.find((each) => each === state);
  if (state !== undefined && known === undefined)
    throw new CommandRefused('INVALID_REQUEST', `state must be one of ${PARKED_STATES.join(', ')}`);
  return known;
};

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
  async list({ limit, state, reason, file }: parkedV1.ListRequest) {
    if (limit < 1 || limit > MOST) throw new CommandRefused('INVALID_REQUEST', `limit must be from 1 to ${MOST}`);
    const { inputs, total } = await this.intake.pageOfParked({ limit, state: stateOf(state), reason, file });
    return { inputs: inputs.map(inputOf), total };
  }

  @GrpcMethod('ParkedService', 'Show')
  async show({ id }: parkedV1.ShowRequest) {
    const { raw, cut, ...input } = await this.intake.showParked(id);
    return {
      input: inputOf(input),
      raw: Object.entries(raw).map(([name, value]) => ({ name, value })),
      cut: [...cut],
    };
  }

  @GrpcMethod('ParkedService', 'Redrive')
  redrive({ id, corrected, asIs }: parkedV1.RedriveRequest) {
    return inHand(this.activity, async () => {
      const fields = Object.fromEntries(corrected.map(({ name, value }) => [name, value]));
      return redrivenOf(await this.intake.redriveParked(id, fields, asIs));
    });
  }

  @GrpcMethod('ParkedService', 'RedriveMany')
  redriveMany({ reason, file, asIs, after }: parkedV1.RedriveManyRequest) {
    return inHand(this.activity, async () => {
      const { next, ...counts } = await this.intake.redriveManyParked({ reason, file, asIs, after });
      return { ...counts, next: next ?? undefined };
    });
  }
}
