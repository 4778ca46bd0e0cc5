import { EventCore, EventingModule, type Platform, processSpec, type ServiceSchema } from '@mora/service';
import { strategyProvider } from '@mora/strategy';
import { type DynamicModule, Module } from '@nestjs/common';
import { SMS_CONFIG, type SmsTriggerConfig, secrets, settings, smsConfig } from './config.js';
import { SimulatedSmsc } from './outbound/simulated-smsc.js';
import { SMSC } from './outbound/smsc.js';
import { SMS_SERVICES, type SmsServices } from './reactions/commands.js';
import { SmsReactions } from './reactions/on-facts.js';
import { Sender } from './sending/sender.js';
import { WayOut } from './sending/way-out.js';

/** Plans and sends SMS; owns `messaging-<debtorId>` and `sms-<smsId>`. The SMSC is simulated. */
@Module({})
export class SmsTriggerModule {
  static readonly schemas: readonly ServiceSchema[] = [{ name: 'sms-trigger', source: 'sms', migrations: [] }];
  static readonly process = processSpec({
    settings,
    secrets,
    needsSeed: true,
    followsPolicies: true,
    configure: smsConfig,
  });

  static for(platform: Platform, config: SmsTriggerConfig): DynamicModule {
    const wall = () => new Date(platform.origin.wall()).toISOString();
    return {
      module: SmsTriggerModule,
      imports: [EventingModule.for(platform, SmsTriggerModule.schemas)],
      providers: [
        { provide: SMS_CONFIG, useValue: config },
        {
          provide: SMS_SERVICES,
          useFactory: (core: EventCore): SmsServices => ({
            strategyOf: strategyProvider(platform.policyText),
            chance: config.chance,
            house: { bankName: config.bankName, hotline: config.hotline },
            isParked: (debtorId) => core.isParked(debtorId),
          }),
          inject: [EventCore],
        },
        { provide: SMSC, useFactory: () => new SimulatedSmsc({ ...config.simulated, wall }) },
        Sender,
        SmsReactions,
        WayOut,
      ],
    };
  }
}
