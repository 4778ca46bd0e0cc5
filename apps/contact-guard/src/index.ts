export { ContactGuardModule } from './contact-guard.module.js';
