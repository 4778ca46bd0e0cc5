/** `dialer` as a process of its own. */
import { bootstrap } from '@mora/service';
import { DialerModule } from './dialer.module.js';

await bootstrap(DialerModule);
