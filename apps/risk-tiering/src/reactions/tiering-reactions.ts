import type { Processor } from '@mora/eventing';
import { EventProcessor, type ProvidesProcessor } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { TIERING_GROUND, type TieringGround } from './commands.js';
import { tieringProcessor } from './on-facts.js';

@EventProcessor()
@Injectable()
export class TieringReactions implements ProvidesProcessor {
  readonly processor: Processor;

  constructor(@Inject(TIERING_GROUND) ground: TieringGround) {
    this.processor = tieringProcessor(ground);
  }
}
