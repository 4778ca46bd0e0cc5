export * as healthV1 from './gen/grpc/health/v1/health_pb.js';
export * as clockV1 from './gen/mora/clock/v1/clock_pb.js';
export * as feedV1 from './gen/mora/feed/v1/feed_pb.js';
export * as guardV1 from './gen/mora/guard/v1/guard_pb.js';
export * as intakeV1 from './gen/mora/intake/v1/intake_pb.js';
export * as keysV1 from './gen/mora/keys/v1/keys_pb.js';
export * as telephonyV1 from './gen/mora/telephony/v1/telephony_pb.js';
