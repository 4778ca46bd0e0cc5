export { DEFAULT_CHANNELS, DEFAULT_STARTS_PER_SECOND, type GatewayConfig } from './config.js';
export { TelephonyGatewayModule } from './telephony-gateway.module.js';
