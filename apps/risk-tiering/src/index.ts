export {
  type PolicyApi,
  policyService,
  riskTieringService,
  type TieringApi,
  type TieringConfig,
} from './risk-tiering.module.js';
