export {
  type DataKey,
  DEFAULT_CHANNELS,
  DEFAULT_STARTS_PER_SECOND,
  type GatewayConfig,
  type SealField,
  type VerifyPermit,
} from './config.js';
export { telephonyGatewayService } from './telephony-gateway.module.js';
