export { DebtorIntakeModule } from './debtor-intake.module.js';
export { IntakeInbound } from './inbound/intake-inbound.js';
