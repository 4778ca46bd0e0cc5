import type { Processor } from '@mora/eventing';
import { EventProcessor, type Platform, POLICY_TEXT, type ProvidesProcessor } from '@mora/service';
import { strategyProvider } from '@mora/strategy';
import { Inject, Injectable } from '@nestjs/common';
import { scoringProcessor } from './on-facts.js';

@EventProcessor()
@Injectable()
export class ScoringReactions implements ProvidesProcessor {
  readonly processor: Processor;

  constructor(@Inject(POLICY_TEXT) policyText: Platform['policyText']) {
    this.processor = scoringProcessor(strategyProvider(policyText));
  }
}
