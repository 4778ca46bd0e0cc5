import type { ServiceDefinition } from '@mora/service';
import type { GuardConfig } from './config.js';
import { createGuardApi } from './inbound/guard-api.js';
import { createFreshness } from './outbound/freshness.js';
import { createLiveEffects } from './outbound/live-effects.js';
import { guardProcessor, REQUIRED_SOURCES } from './reactions/guard-processor.js';

const STALE_WAIT_MS = 2_000;

/** The only authority over contacts: a stored verdict for every answer, signed permits, revocations. */
export const contactGuardService = (config: GuardConfig): ServiceDefinition => ({
  name: 'contact-guard',
  source: 'guard',
  migrations: [],
  open: (core) => {
    const { platform, writer, activity } = core;
    const { wall } = platform.origin;
    const effects = createLiveEffects(core);
    const guard = createGuardApi({
      writer,
      activity,
      intake: () => platform.ports.intake,
      freshness: createFreshness({
        sources: REQUIRED_SOURCES,
        feed: (source) => platform.feed(source),
        takenOf: (shard) => writer.takenOf(shard),
        wall,
        waitMs: config.staleWaitMs ?? STALE_WAIT_MS,
        acceptEarlier: core.clock.anchor.kind === 'real',
      }),
      isParked: (debtorId) => core.isParked(debtorId),
      profiles: config.profiles,
      signer: config.signer,
      wall,
      skewMs: config.skewMs ?? (() => 0),
    });
    return {
      processors: [guardProcessor(config.profiles[0]?.content.zones[0] ?? 'UTC')],
      provides: { guard },
      onCommitted: effects.onCommitted,
      onTimer: effects.onTimer,
      recover: effects.recover,
    };
  },
});
