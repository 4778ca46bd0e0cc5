export { Strategies } from './effects/strategies.js';
export { TieringControl } from './effects/tiering-control.js';
export { RiskTieringModule } from './risk-tiering.module.js';
