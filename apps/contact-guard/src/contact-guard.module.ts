import { GUARD_API, GuardController, guardV1 } from '@mora/grpc';
import { MAX_PERMIT_LIFE_MS } from '@mora/keys';
import { EventingModule, type Platform, processSpec, type ServiceSchema } from '@mora/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { GUARD_CONFIG, type GuardConfig, guardConfig, secrets, settings } from './config.js';
import { HaltsAndBars } from './effects/halts-and-bars.js';
import { Authorities } from './inbound/authorities.js';
import { SourceFreshness } from './outbound/source-freshness.js';
import { GuardReactions } from './reactions/guard-processor.js';

/** The only authority over contacts: a stored verdict for every answer, signed permits, revocations. */
@Module({})
export class ContactGuardModule {
  static readonly schemas: readonly ServiceSchema[] = [{ name: 'contact-guard', source: 'guard', migrations: [] }];
  static readonly process = processSpec({
    settings,
    secrets,
    closedAfterLossMs: MAX_PERMIT_LIFE_MS,
    serves: [guardV1.GuardService],
    notOffered: ['/mora.guard.v1.GuardService/Settle'],
    configure: guardConfig,
  });

  static for(platform: Platform, config: GuardConfig): DynamicModule {
    return {
      module: ContactGuardModule,
      imports: [EventingModule.for(platform, ContactGuardModule.schemas)],
      controllers: [GuardController],
      providers: [
        { provide: GUARD_CONFIG, useValue: config },
        SourceFreshness,
        Authorities,
        { provide: GUARD_API, useExisting: Authorities },
        GuardReactions,
        HaltsAndBars,
      ],
    };
  }
}
