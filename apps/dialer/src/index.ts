export type { DialerConfig } from './config.js';
export { DialerModule } from './dialer.module.js';
