export type { SmsTriggerConfig } from './config.js';
export { smsTriggerService } from './sms-trigger.module.js';
