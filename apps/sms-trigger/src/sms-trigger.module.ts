import { type EventEnvelope, shardOf } from '@mora/contracts';
import type { Loop, ServiceCore, ServiceDefinition, ServiceParts } from '@mora/service';
import { strategyProvider } from '@mora/strategy';
import type { SmsTriggerConfig } from './config.js';
import { OPEN_TIMER } from './messaging/messaging.js';
import { SimulatedSmsc } from './outbound/simulated-smsc.js';
import { keepCommand, planCommand, type SmsServices } from './reactions/commands.js';
import { smsProcessor } from './reactions/on-facts.js';
import { Sender } from './sending/sender.js';

/** Plans and sends SMS; owns `messaging-<debtorId>` and `sms-<smsId>`. The SMSC is simulated. */
export const smsTriggerService = (config: SmsTriggerConfig): ServiceDefinition => ({
  name: 'sms-trigger',
  source: 'sms',
  migrations: [],
  open: (core: ServiceCore): ServiceParts => {
    const { clock, activity, platform, writer, store, log } = core;
    const services: SmsServices = {
      strategyOf: strategyProvider((hash) => platform.policyText(hash)),
      chance: config.chance,
      house: { bankName: config.bankName, hotline: config.hotline },
      isParked: (debtorId) => core.isParked(debtorId),
    };
    const smsc = new SimulatedSmsc({
      ...config.simulated,
      wall: () => new Date(platform.origin.wall()).toISOString(),
    });
    const sender = new Sender({
      execute: (command) => writer.execute(command),
      guard: { authorize: (request) => platform.ports.guard.authorize(request) },
      intake: {
        reveal: (permit) => platform.ports.intake.reveal(permit),
        unwrap: (debtorId) => platform.ports.intake.unwrap(debtorId),
        numberKey: (debtorId, phoneRef) => platform.ports.intake.numberKey(debtorId, phoneRef),
      },
      smsc,
      services,
      activity,
      gatewayId: config.gatewayId,
      sender: config.sender,
      wallMs: platform.origin.wall,
      now: () => clock.now(),
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      warn: (fields, message) => log.warn(fields, message),
    });
    let ready = false;
    let unsubscribe: () => void = () => undefined;
    const ticks: Loop = {
      name: 'smsc-ticks',
      start: async () => {
        unsubscribe = clock.onTick((now) => {
          if (ready) smsc.tick(now);
        });
      },
      stop: async () => {
        unsubscribe();
        smsc.close();
      },
    };
    smsc.onReceipt((message) => void sender.hear(message, shardOf(message.debtorId, writer.shards)));
    return {
      processors: [smsProcessor(services)],
      onTimer: ({ name, subject, shard }) => {
        const place = { debtorId: subject, shard };
        return [name === OPEN_TIMER ? keepCommand(place) : planCommand(services, place)];
      },
      onCommitted: (events) => {
        for (const event of events) {
          const smsId = smsIdToSend(event);
          if (smsId !== null) sender.start({ smsId, debtorId: event.subject, shard: event.shard });
        }
      },
      loops: [ticks],
      wantsTick: () => smsc.wantsTick(),
      // Before the first receipt is taken in: what was being submitted is lost, and a receipt may find it again.
      recover: async () => {
        for (const { subject, shard } of await store.timersNamed(OPEN_TIMER))
          await sender.resume({ debtorId: subject, shard });
        ready = true;
        smsc.recover(clock.now());
        smsc.tick(clock.now());
      },
    };
  },
});

const smsIdToSend = ({ type, data }: EventEnvelope): string | null =>
  type === 'SmsDrafted' || type === 'DraftKept' ? (data as { readonly smsId: string }).smsId : null;
