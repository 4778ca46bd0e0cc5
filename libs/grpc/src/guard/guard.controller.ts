/** `guard.v1`, the guard's side. `Settle` is not offered: it learns what became of a contact from events. */
import { type AuthorizeReply, authorizeRequest, type GuardApi } from '@mora/contracts';
import type { Activity } from '@mora/eventing';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { guardV1 } from '../generated.js';
import { inHand } from '../grpc-door.js';
import { present, requested } from '../remote.js';
import { ACTIVITY, GUARD_API } from '../tokens.js';

@Controller()
export class GuardController {
  constructor(
    @Inject(GUARD_API) private readonly guard: GuardApi,
    @Inject(ACTIVITY) private readonly activity: Activity,
  ) {}

  @GrpcMethod('GuardService', 'Authorize')
  authorize(message: guardV1.AuthorizeRequest) {
    return inHand(this.activity, async () => {
      const { solicitedBy = null, askedBy = null } = message;
      const request = requested(authorizeRequest, { ...message, solicitedBy, askedBy }, 'AuthorizeRequest');
      return { result: resultOf(await this.guard.authorize(request)) };
    });
  }
}

const resultOf = (reply: AuthorizeReply) =>
  reply.result === 'allowed'
    ? { case: 'permit' as const, value: reply.permit }
    : {
        case: 'denial' as const,
        value: present({ deniedBy: [...reply.deniedBy], retryNotBefore: reply.retryNotBefore ?? undefined }),
      };
