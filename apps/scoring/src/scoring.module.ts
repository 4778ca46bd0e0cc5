import { EventingModule, type Platform, processSpec, type ServiceSchema } from '@mora/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { ScoringReactions } from './reactions/scoring-reactions.js';

/** Scores and labels; owns `score-<caseId>`. */
@Module({})
export class ScoringModule {
  static readonly schemas: readonly ServiceSchema[] = [{ name: 'scoring', source: 'scoring', migrations: [] }];
  static readonly process = processSpec({ followsPolicies: true, configure: () => ({}) });

  static for(platform: Platform): DynamicModule {
    return {
      module: ScoringModule,
      imports: [EventingModule.for(platform, ScoringModule.schemas)],
      providers: [ScoringReactions],
    };
  }
}
