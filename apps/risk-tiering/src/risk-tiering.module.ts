import { controlV1 } from '@mora/grpc';
import { EventingModule, type Platform, POLICY_TEXT, processSpec, type ServiceSchema } from '@mora/service';
import { strategyProvider } from '@mora/strategy';
import { type DynamicModule, Module } from '@nestjs/common';
import { secrets, settings, TIERING_CONFIG, type TieringConfig, tieringConfig } from './config.js';
import { Strategies } from './effects/strategies.js';
import { StrategyAtStart } from './effects/strategy-at-start.js';
import { TieringControl } from './effects/tiering-control.js';
import { TieringTimers } from './effects/tiering-timers.js';
import { ControlController } from './inbound/control.grpc.js';
import { TIERING_GROUND } from './reactions/commands.js';
import { TieringReactions } from './reactions/tiering-reactions.js';

/** Tiers, arms, promises and hand-over; halts contacts. Owns the source of policies too. */
@Module({})
export class RiskTieringModule {
  static readonly schemas: readonly ServiceSchema[] = [
    { name: 'risk-tiering', source: 'tiering', migrations: [] },
    { name: 'policy', source: 'policy', shards: 1, migrations: [] },
  ];
  static readonly process = processSpec({
    settings,
    secrets,
    followsPolicies: true,
    serves: [controlV1.ControlService],
    configure: tieringConfig,
  });

  static for(platform: Platform, config: TieringConfig): DynamicModule {
    return {
      module: RiskTieringModule,
      imports: [EventingModule.for(platform, RiskTieringModule.schemas)],
      controllers: [ControlController],
      providers: [
        { provide: TIERING_CONFIG, useValue: config },
        {
          provide: TIERING_GROUND,
          useFactory: (policyText: Platform['policyText']) => ({
            strategyOf: strategyProvider(policyText),
            chance: config.chance,
          }),
          inject: [POLICY_TEXT],
        },
        TieringReactions,
        TieringTimers,
        TieringControl,
        Strategies,
        StrategyAtStart,
      ],
    };
  }
}
