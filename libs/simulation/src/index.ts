export { answerCall, type CallPlaced } from './answer-call.js';
export { Bank, type BankOptions, bankFactOfCall, bankFactOfSms } from './bank.js';
export type {
  BankAccount,
  BankAccountRecord,
  BankFact,
  BankPaymentRecord,
  BankRecord,
  BankReversalRecord,
  BankWatermarkRecord,
} from './bank-records.js';
export {
  compareLogs,
  type LogComparison,
  type LogCounts,
  type LogDifference,
  type LogLine,
} from './compare-logs.js';
export { type Draws, draws } from './draws.js';
export { LogUnreadable } from './errors.js';
export { LogFile, readLog, streamLog } from './log-file.js';
export { comparePaths } from './log-paths.js';
export type { CarrierRecord, SmscRecord } from './log-records.js';
export { checkSafety, SafetyOracle } from './oracle/check-safety.js';
export {
  defaultLimits,
  type Evidence,
  type OracleCounts,
  type OracleLimits,
  type SafetyReport,
  type StopFact,
  type StoredVerdict,
  type Violation,
  type ViolationKind,
  type Yardstick,
} from './oracle/evidence.js';
export { type Persona, type PhoneNature, personaOf, type Temperament } from './persona.js';
export { beginTalk, heardOf, reply } from './reply.js';
export { comparisonShown } from './show-comparison.js';
export { type SmsCourse, type SmsPlaced, smsCourse } from './sms-course.js';
export type {
  Answerer,
  Ask,
  AskFacts,
  CallCourse,
  HangUp,
  Heard,
  Reply,
  ReplySlots,
  Said,
  Silence,
  TalkMemory,
} from './talk.js';
