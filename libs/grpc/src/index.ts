export { answerOf, type GrpcAnswer, refusal } from './answers.js';
export {
  clientFor,
  type RemoteCallOptions,
  RemoteError,
  type RemoteOptions,
  type RemoteService,
} from './client.js';
export {
  allQuiet,
  type ProcessorCursor,
  type QuietAnswer,
  type QuietRound,
  type QuietVerdict,
  type SourceHead,
} from './clock/all-quiet.js';
export { ClockController, type ClockHost } from './clock/clock.controller.js';
export { askQuiet, type ClockClient, clockClient, type RemoteNow, stepAll } from './clock/clock.js';
export { PortInUse } from './errors.js';
export { FeedController, type ServedFeeds } from './feed/feed.controller.js';
export { type RemoteReader, remoteCheckpoints, remoteReader, type ServedFeed } from './feed/feed.js';
export * from './generated.js';
export { type Answered, DoorIncomplete, GrpcDoor, type GrpcDoorOptions, inHand } from './grpc-door.js';
export { GrpcErrorFilter } from './grpc-error.filter.js';
export { GuardController } from './guard/guard.controller.js';
export { guardClient } from './guard/guard.js';
export { GrpcHealthController, isServing } from './health/health.js';
export { KeysController } from './keys/keys.controller.js';
export { intakeClient } from './keys/keys.js';
export { createCaller, InvalidRequest, MalformedAnswer, type PortClientOptions, requested } from './remote.js';
export { GatewayController } from './telephony/gateway.controller.js';
export { type GatewayClientOptions, gatewayClient } from './telephony/gateway-client.js';
export { type ClientTls, clientTls, type ServerTls, serverTls } from './tls.js';
export * from './tokens.js';
