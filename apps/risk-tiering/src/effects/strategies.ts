/** Publishes strategies as policies, in the one-shard source that every service reads. */
import { coreOf, type EventCore } from '@mora/service';
import { canonicalForm, describeProblem, problemsOf, type Strategy, splitBlobs, strategyHash } from '@mora/strategy';
import { Inject, Injectable } from '@nestjs/common';
import { StrategyRefused } from '../errors.js';
import { publishPolicy } from '../policy/policy.js';

@Injectable()
export class Strategies {
  constructor(@Inject(coreOf('policy')) private readonly policies: EventCore) {}

  /** @returns the strategy's hash. @throws StrategyRefused where it has one problem */
  async publish(strategy: Strategy, by: string): Promise<string> {
    const problems = problemsOf(strategy);
    if (problems.length > 0) throw new StrategyRefused(strategy.about.name, problems.map(describeProblem));
    const hash = strategyHash(strategy);
    const blobs = splitBlobs(canonicalForm(strategy));
    await this.policies.execute(publishPolicy({ kind: 'strategy', hash, name: strategy.about.name, blobs, by }));
    return hash;
  }
}
