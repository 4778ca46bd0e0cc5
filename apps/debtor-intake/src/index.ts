export { DebtorIntakeModule } from './debtor-intake.module.js';
export type { LoadProgress, LoadSummary } from './inbound/file/load-file.js';
export type { LoadState } from './inbound/file/loads.js';
export type { RowProblem } from './inbound/file/tally.js';
export { IntakeInbound } from './inbound/intake-inbound.js';
export type { RedrivenMany } from './inbound/parked-inputs.js';
