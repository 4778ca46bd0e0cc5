import { EventingModule, type Platform, POLICY_TEXT, processSpec, type ServiceSchema } from '@mora/service';
import { strategyProvider } from '@mora/strategy';
import { type DynamicModule, Module } from '@nestjs/common';
import { DIALER_COMMANDS, dialerCommands } from './commands.js';
import { DIALER_CONFIG, type DialerConfig, dialerConfig, secrets, settings } from './config.js';
import { DialEffects } from './effects/dial-effects.js';
import { DialTimers } from './effects/dial-timers.js';
import { DialerReactions } from './reactions/dialer-processor.js';

/** Plans each debtor's calls, asks for a line and a permit, has them placed, and settles every attempt. */
@Module({})
export class DialerModule {
  static readonly schemas: readonly ServiceSchema[] = [{ name: 'dialer', source: 'dialer', migrations: [] }];
  static readonly process = processSpec({ settings, secrets, followsPolicies: true, configure: dialerConfig });

  static for(platform: Platform, config: DialerConfig): DynamicModule {
    return {
      module: DialerModule,
      imports: [EventingModule.for(platform, DialerModule.schemas)],
      providers: [
        { provide: DIALER_CONFIG, useValue: config },
        {
          provide: DIALER_COMMANDS,
          useFactory: (policyText: Platform['policyText']) =>
            dialerCommands({ ...config, strategyOf: strategyProvider(policyText) }, platform.shards),
          inject: [POLICY_TEXT],
        },
        DialerReactions,
        DialTimers,
        DialEffects,
      ],
    };
  }
}
