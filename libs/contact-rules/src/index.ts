export { canonicalHash, canonicalJson } from './canonical.js';
export { accountsSpokenOf, haltCovers } from './conditions.js';
export {
  type DestinationList,
  destinationList,
  destinationOf,
  isListed,
  REACHABLE_BY_CALL,
  REACHABLE_BY_SMS,
} from './destination.js';
export { evaluate } from './evaluate.js';
export * from './inputs.js';
export {
  type Calendar,
  type Check,
  type ProfileContent,
  ProfileInvalid,
  parseProfile,
  type Rule,
  type RuleProfile,
  ruleProfile,
  shippedProfile,
} from './profile.js';
export { hourOf } from './spend.js';
export { isUnsolicited, retryNotBeforeOf, verdictOf } from './verdict.js';
