import { streamId, type TimerRow } from '@mora/eventing';
import { openField } from '@mora/keys';
import { type ServiceCore, type ServiceDefinition, type ServiceParts } from '@mora/service';
import { SETTLE_TIMER } from './call/call.js';
import { dialerCommands } from './commands.js';
import type { DialerConfig } from './config.js';
import { DIAL_TIMER, PLAN_TIMER, QUEUED_TIMER } from './dialing/dialing.js';
import { DialEffects } from './effects/dial-effects.js';
import { dialerProcessor } from './reactions/dialer-processor.js';

/** Plans each debtor's calls, asks for a line and a permit, has them placed, and settles every attempt. */
export const dialerService = (config: DialerConfig): ServiceDefinition => ({
  name: 'dialer',
  source: 'dialer',
  migrations: [],
  open: (core: ServiceCore): ServiceParts => {
    const { platform, writer, store, activity, log } = core;
    const commands = dialerCommands(config, platform.shards);
    const effects = new DialEffects({
      commands,
      ports: {
        get gateway() {
          return platform.ports.gateway;
        },
        get guard() {
          return platform.ports.guard;
        },
        get intake() {
          return platform.ports.intake;
        },
      },
      execute: (command) => writer.execute(command),
      timersNamed: (name) => store.timersNamed(name),
      activity,
      openSurname: (key, debtorId, sealed) => {
        try {
          return openField({ key }, { debtorId, stream: `debtor-${debtorId}`, field: 'surname' }, sealed);
        } catch {
          return null;
        }
      },
      warn: (fields, message) => log.warn(fields, message),
    });
    const onTimer = (timer: TimerRow) => {
      const debtorId = timer.subject;
      switch (timer.name) {
        case PLAN_TIMER:
          return [core.isParked(debtorId) ? commands.holdParked(debtorId) : commands.dayPlan(debtorId)];
        case DIAL_TIMER:
          return [core.isParked(debtorId) ? commands.holdParked(debtorId) : commands.queue(debtorId)];
        case QUEUED_TIMER:
          return [commands.keepQueued(debtorId)];
        case SETTLE_TIMER:
          return [commands.askSettle(debtorId, streamId(timer.stream))];
        default:
          return [];
      }
    };
    return {
      processors: [dialerProcessor(commands, config.zone)],
      onTimer,
      onCommitted: (events) => effects.onCommitted(events),
      recover: () => effects.recover(),
    };
  },
});
