export type { RawRecord } from './bank-record/record.js';
export type { IntakeConfig } from './config.js';
export { DebtorIntakeModule } from './debtor-intake.module.js';
export { bankTopicsLoop } from './inbound/bank-topics/bank-topics.js';
export { BANK_EVENT_TYPES, BANK_TOPICS, typeNameOf } from './inbound/bank-topics/event-types.js';
export type { Cursor } from './inbound/bank-topics/offsets.js';
export type {
  BankTopicCounts,
  BankTopicsLoop,
  BankTopicsOptions,
  TopicIntake,
} from './inbound/bank-topics/options.js';
export { FileRefused } from './inbound/file/header.js';
export type { LoadOptions, LoadProgress, LoadSummary, RowProblem } from './inbound/file/load-file.js';
export { IntakeInbound } from './inbound/intake-inbound.js';
export type { Outcome } from './inbound/outcome.js';
export { ParkedNotFound, type ShownParked } from './inbound/parked-inputs.js';
export { type Kms, localKms } from './keys/kms.js';
export { debtorIdOf } from './keys/names.js';
export { KeyFileUnusable, type Secrets, secretsFromFile, seededSecrets, storedSecrets } from './keys/secrets.js';
export type { ParkedFilter, ParkedInput } from './outbound/intake-tables.js';
