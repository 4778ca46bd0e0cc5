import type { ServiceDefinition } from '@mora/service';
import { strategyProvider } from '@mora/strategy';
import { scoringProcessor } from './reactions/on-facts.js';

/** Scores and labels; owns `score-<caseId>`. */
export const scoringService = (): ServiceDefinition => ({
  name: 'scoring',
  source: 'scoring',
  migrations: [],
  open: (core) => ({ processors: [scoringProcessor(strategyProvider((hash) => core.platform.policyText(hash)))] }),
});
