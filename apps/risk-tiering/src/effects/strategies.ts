/** Publishes strategies as policies, in the one-shard source that every service reads. */
import { coreOf, type EventCore } from '@mora/service';
import { canonicalForm, type Strategy, splitBlobs, strategyHash } from '@mora/strategy';
import { Inject, Injectable } from '@nestjs/common';
import { publishPolicy } from '../policy/policy.js';

@Injectable()
export class Strategies {
  constructor(@Inject(coreOf('policy')) private readonly policies: EventCore) {}

  /** @returns the strategy's hash. */
  async publish(strategy: Strategy, by: string): Promise<string> {
    const hash = strategyHash(strategy);
    const blobs = splitBlobs(canonicalForm(strategy));
    await this.policies.execute(publishPolicy({ kind: 'strategy', hash, name: strategy.about.name, blobs, by }));
    return hash;
  }
}
