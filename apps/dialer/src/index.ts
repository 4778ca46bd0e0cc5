export { DialerModule } from './dialer.module.js';
