import { streamId, type TimerRow } from '@mora/eventing';
import { repeatableIv, sealField } from '@mora/keys';
import { type Loop, type ServiceCore, type ServiceDefinition, type ServiceParts } from '@mora/service';
import { type CarrierRecord, LogFile } from '@mora/simulation';
import type { GatewayConfig } from './config.js';
import { TelephonyGateway } from './gateway.js';
import { OPEN_LEG_TIMER } from './leg/leg.js';
import { ordinalsOf } from './outbound/simulated/ordinals.js';
import { SimulatedCarrier } from './outbound/simulated/simulated-carrier.js';

/** Places calls, at most one per attempt, and holds the conversation. The carrier is simulated. */
export const telephonyGatewayService = (config: GatewayConfig): ServiceDefinition => ({
  name: 'telephony-gateway',
  source: 'telephony',
  migrations: [],
  open: async (core: ServiceCore): Promise<ServiceParts> => {
    const { clock, activity, platform, writer, store } = core;
    const carrier = new SimulatedCarrier({
      seed: config.simulated.seed,
      ordinals: await ordinalsOf(config.simulated.logPath),
      log: new LogFile<CarrierRecord>(config.simulated.logPath, config.simulated.onRecord),
      wall: () => new Date(platform.origin.wall()).toISOString(),
    });
    const gateway = new TelephonyGateway({
      config,
      carrier,
      // Repeatable, so that the same seed writes the same bytes.
      seal: (key, place, text) => sealField(key, place, text, repeatableIv(key, place, text)),
      execute: (command) => writer.execute(command),
      intake: { unwrap: (debtorId) => platform.ports.intake.unwrap(debtorId) },
      clock,
      activity,
      wallMs: platform.origin.wall,
      preciseMs: () => performance.now(),
      warn: (fields, message) => core.log.warn(fields, message),
    });
    const loop: Loop = {
      name: 'gateway-ticks',
      start: async () => gateway.start(),
      stop: () => gateway.stop(),
    };
    const attemptOf = (timer: TimerRow): string => streamId(timer.stream);
    return {
      provides: { gateway },
      loops: [loop],
      wantsTick: () => gateway.nextTick(),
      onTimer: (timer) => {
        const attemptId = attemptOf(timer);
        return gateway.follows(attemptId) ? [] : [gateway.loseCommand(attemptId, timer.subject)];
      },
      recover: async () => {
        for (const timer of await store.timersNamed(OPEN_LEG_TIMER))
          await gateway.lose(attemptOf(timer), timer.subject);
      },
    };
  },
});
