export { SmsTriggerModule } from './sms-trigger.module.js';
