/** `debtor-intake` as a process of its own. */
import { bootstrap } from '@mora/service';
import { DebtorIntakeModule } from './debtor-intake.module.js';

await bootstrap(DebtorIntakeModule);
