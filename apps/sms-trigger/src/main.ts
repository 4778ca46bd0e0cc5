/** `sms-trigger` as a process of its own. */
import { bootstrap } from '@mora/service';
import { SmsTriggerModule } from './sms-trigger.module.js';

await bootstrap(SmsTriggerModule);
