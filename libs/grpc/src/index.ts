export {
  allQuiet,
  type ProcessorCursor,
  type QuietAnswer,
  type QuietRound,
  type QuietVerdict,
  type SourceHead,
} from './clock/all-quiet.js';
export {
  addClock,
  askQuiet,
  type ClockClient,
  type ClockHost,
  clockClient,
  type RemoteNow,
  stepAll,
} from './clock/clock.js';
export { PortInUse } from './errors.js';
export {
  addFeed,
  type FeedServeOptions,
  type RemoteReader,
  remoteCheckpoints,
  remoteReader,
  type ServedFeed,
} from './feed/feed.js';
export * from './generated.js';
export {
  type Answered,
  addService,
  answerOf,
  type CallContext,
  clientFor,
  createGrpcServer,
  type GrpcServer,
  type Implementation,
  type RemoteCallOptions,
  RemoteError,
  type RemoteOptions,
  type RemoteService,
  type ServeOptions,
  type StatusByCode,
  serviceDefinition,
} from './grpc.js';
export { addGuard, guardClient } from './guard/guard.js';
export { addHealth, isServing } from './health/health.js';
export { addKeys, intakeClient } from './keys/keys.js';
export { InvalidRequest, MalformedAnswer, type PortClientOptions, type PortServeOptions } from './remote.js';
export { type GatewayClientOptions, gatewayClient } from './telephony/gateway-client.js';
export { addGateway } from './telephony/gateway-server.js';
export { type ClientTls, clientTls, type ServerTls, serverTls } from './tls.js';
