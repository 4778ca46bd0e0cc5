/** `contact-guard` as a process of its own. */
import { bootstrap } from '@mora/service';
import { ContactGuardModule } from './contact-guard.module.js';

await bootstrap(ContactGuardModule);
