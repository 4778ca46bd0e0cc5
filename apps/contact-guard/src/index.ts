export type { GuardConfig } from './config.js';
export { ContactGuardModule } from './contact-guard.module.js';
export { PERMIT_EXPIRED, PERMIT_REVOKED, PERMIT_USED } from './inbound/authorities.js';
