export type { DialerConfig } from './config.js';
export { dialerService } from './dialer.module.js';
