export { drawArm } from './arm.js';
export { blobLimit, canonicalForm, joinBlobs, StrategyBlobMismatch, splitBlobs, strategyHash } from './canonical.js';
export { drawChance } from './chance.js';
export { planDay } from './day-plan.js';
export { readStrategyFolder } from './folder.js';
export { graceEnd, inGrace } from './grace.js';
export { addWorkingMinutes, handOverDue, handOverFor } from './handover.js';
export { chooseLead } from './lead.js';
export { forbiddenWords, forbiddenWordsIn, protectedAttributeIn } from './lint.js';
export { describeProblem, type LoadedStrategy, loadStrategyFolder } from './load.js';
export { chooseNumber } from './number.js';
export * from './outcome-records.js';
export { PolicyTexts, type PublishedPart } from './policy-texts.js';
export { dialPriority } from './priority.js';
export { latestPromiseDate, reminderAt, settlePromise } from './promise-rules.js';
export { StrategyMissing, strategyProvider } from './provider.js';
export * from './records.js';
export { afterCall } from './redial.js';
export {
  type AmountBand,
  amountBand,
  type Queue,
  queue,
  type RedialRow,
  type Scorecard,
  type Strategy,
  strategySchema,
} from './schema.js';
export { scoreAccount, scoreBandOf, worklistPriority } from './scorecard.js';
export { planSms } from './sms-plan.js';
export { fillTemplate, segmentsOf } from './templates.js';
export {
  bandOf,
  baseOf,
  effectiveTier,
  floorAllows,
  tierAccount,
  toleranceOf,
  utilisationOf,
  withinTolerance,
} from './tiering.js';
export { chooseVoice } from './voice.js';
export { chooseWording } from './wording.js';
