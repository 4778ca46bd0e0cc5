import { GATEWAY_API, GatewayController, telephonyV1 } from '@mora/grpc';
import { repeatableIv, sealField } from '@mora/keys';
import { EventingModule, type Platform, processSpec, type ServiceSchema } from '@mora/service';
import { type DynamicModule, Module } from '@nestjs/common';
import {
  GATEWAY_CONFIG,
  type GatewayConfig,
  gatewayConfig,
  SEAL_FIELD,
  type SealField,
  secrets,
  settings,
} from './config.js';
import { Line } from './effects/line.js';
import { TelephonyGateway } from './gateway.js';
import { CARRIER } from './outbound/carrier.js';
import { CARRIER_BOOK, carrierBook } from './outbound/simulated/carrier-book.js';
import { SimulatedCarrier } from './outbound/simulated/simulated-carrier.js';

/** So that the same seed writes the same bytes. */
const sealRepeatably: SealField = (key, place, text) => sealField(key, place, text, repeatableIv(key, place, text));

/** Places calls, at most one per attempt, and holds the conversation. The carrier is simulated. */
@Module({})
export class TelephonyGatewayModule {
  static readonly schemas: readonly ServiceSchema[] = [
    { name: 'telephony-gateway', source: 'telephony', migrations: [] },
  ];
  static readonly process = processSpec({
    settings,
    secrets,
    needsSeed: true,
    serves: [telephonyV1.TelephonyService],
    configure: gatewayConfig,
  });

  static for(platform: Platform, config: GatewayConfig): DynamicModule {
    return {
      module: TelephonyGatewayModule,
      imports: [EventingModule.for(platform, TelephonyGatewayModule.schemas)],
      controllers: [GatewayController],
      providers: [
        { provide: GATEWAY_CONFIG, useValue: config },
        { provide: SEAL_FIELD, useValue: sealRepeatably },
        {
          provide: CARRIER_BOOK,
          useFactory: ({ simulated }: GatewayConfig) => carrierBook(simulated),
          inject: [GATEWAY_CONFIG],
        },
        { provide: CARRIER, useClass: SimulatedCarrier },
        TelephonyGateway,
        { provide: GATEWAY_API, useExisting: TelephonyGateway },
        Line,
      ],
    };
  }
}
