export { DEFAULT_CHANNELS, DEFAULT_STARTS_PER_SECOND } from './config.js';
export { TelephonyGatewayModule } from './telephony-gateway.module.js';
