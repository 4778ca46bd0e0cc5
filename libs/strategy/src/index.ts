export { calendarWarnings, isInCalendar } from './calendar.js';
export { type CallbackHours, callbackHours } from './call/callback.js';
export { type CallsMade, callsMade, triedInVain } from './call/calls-made.js';
export { chooseLead } from './call/lead.js';
export { chooseNumber, isTalk } from './call/number.js';
export { dialPriority } from './call/priority.js';
export { afterCall } from './call/redial.js';
export { chooseVoice } from './call/voice.js';
export { chooseWording } from './call/wording.js';
export { drawChance } from './chance.js';
export { overrideRanOut } from './day-plan/day-facts.js';
export { planDay } from './day-plan/day-plan.js';
export { addWorkingMinutes, handOverDue, handOverFor } from './handover/handover.js';
export * from './handover/records.js';
export { readStrategyFolder } from './loading/folder.js';
export { forbiddenWordsIn, protectedAttributeIn } from './loading/lint.js';
export { describeProblem, type LoadedStrategy, loadStrategyFolder, problemsOf } from './loading/load.js';
export type { Problem } from './loading/problem.js';
export { decimalsOf, type Money, moneyOf, moneyText } from './money.js';
export {
  blobLimit,
  canonicalForm,
  joinBlobs,
  StrategyBlobMismatch,
  splitBlobs,
  strategyHash,
} from './package/canonical.js';
export { PolicyTexts, type PublishedPart } from './package/policy-texts.js';
export { StrategyMissing, StrategyUnfit, strategyProvider } from './package/provider.js';
export {
  type AmountBand,
  amountBand,
  type Queue,
  queue,
  type RedialRow,
  type Scorecard,
  type Strategy,
  strategySchema,
} from './package/schema.js';
export { graceEnd, inGrace } from './promise/grace.js';
export { latestPromiseDate, leastPromise, reminderAt, settlePromise } from './promise/promise-rules.js';
export * from './promise/records.js';
export * from './records.js';
export * from './score/records.js';
export { scoreAccount, scoreBandOf, worklistPriority } from './score/scorecard.js';
export { type AgreedHours, bulkInstant } from './sms/hours.js';
export { partsOf, segmentsOf } from './sms/parts.js';
export * from './sms/records.js';
export { planSms } from './sms/sms-plan.js';
export { fillTemplate } from './sms/templates.js';
export { drawArm } from './tiering/arm.js';
export {
  bandOf,
  baseOf,
  effectiveTier,
  floorAllows,
  tierAccount,
  toleranceOf,
  utilisationOf,
  withinTolerance,
} from './tiering/tiering.js';
