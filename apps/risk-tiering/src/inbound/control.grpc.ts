/** `control.v1`: what operators order. */
import { haltScope } from '@mora/contracts';
import { type Activity, CommandRefused } from '@mora/eventing';
import { type controlV1, inHand, requested } from '@mora/grpc';
import { ACTIVITY } from '@mora/service';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { TieringControl } from '../effects/tiering-control.js';

/** @throws CommandRefused for the first text that is empty */
const said = <T extends Readonly<Record<string, string>>>(texts: T): T => {
  const silent = Object.entries(texts).find(([, text]) => text.trim() === '');
  if (silent) throw new CommandRefused('INVALID_REQUEST', `${silent[0]} is missing`);
  return texts;
};

/** @throws InvalidRequest | CommandRefused */
const scopeOf = (scope: controlV1.HaltScope | undefined) => {
  if (!scope) throw new CommandRefused('INVALID_REQUEST', 'scope is missing');
  const { strategyHash = null, tier = null, channel = null, debtorId = null } = scope;
  if (strategyHash === '' || debtorId === '')
    throw new CommandRefused('INVALID_REQUEST', 'a scope that is empty covers nobody: leave it out');
  return requested(haltScope, { strategyHash, tier, channel, debtorId }, 'HaltScope');
};

@Controller()
export class ControlController {
  constructor(
    private readonly control: TieringControl,
    @Inject(ACTIVITY) private readonly activity: Activity,
  ) {}

  @GrpcMethod('ControlService', 'Halt')
  halt({ haltId, scope, reason, by }: controlV1.HaltRequest) {
    return inHand(this.activity, async () => {
      await this.control.halt({ ...said({ haltId, reason, by }), scope: scopeOf(scope) });
      return {};
    });
  }

  @GrpcMethod('ControlService', 'Resume')
  resume({ haltId, reason, by }: controlV1.ResumeRequest) {
    return inHand(this.activity, async () => ({
      wasHalted: await this.control.resume(said({ haltId, reason, by })),
    }));
  }
}
