export type { SmsTriggerConfig } from './config.js';
export { SmsTriggerModule } from './sms-trigger.module.js';
