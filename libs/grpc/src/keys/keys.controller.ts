/** `keys.v1`, intake's side. */
import { type IntakeApi, permit } from '@mora/contracts';
import type { Activity } from '@mora/eventing';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { keysV1 } from '../generated.js';
import { inHand } from '../grpc-door.js';
import { present, requested } from '../remote.js';
import { ACTIVITY, INTAKE_API } from '../tokens.js';

@Controller()
export class KeysController {
  constructor(
    @Inject(INTAKE_API) private readonly intake: IntakeApi,
    @Inject(ACTIVITY) private readonly activity: Activity,
  ) {}

  @GrpcMethod('KeysService', 'Unwrap')
  unwrap({ debtorId }: keysV1.UnwrapRequest) {
    return inHand(this.activity, async () => {
      const found = await this.intake.unwrap(debtorId);
      return found === null ? {} : { key: { keyId: found.keyId, key: Uint8Array.from(found.key) } };
    });
  }

  @GrpcMethod('KeysService', 'Reveal')
  reveal(message: keysV1.RevealRequest) {
    return inHand(this.activity, async () => ({
      number: await this.intake.reveal(requested(permit, message.permit, 'Permit')),
    }));
  }

  @GrpcMethod('KeysService', 'NumberKey')
  numberKey({ debtorId, phoneRef }: keysV1.NumberKeyRequest) {
    return inHand(this.activity, async () =>
      present({ key: (await this.intake.numberKey(debtorId, phoneRef)) ?? undefined }),
    );
  }
}
