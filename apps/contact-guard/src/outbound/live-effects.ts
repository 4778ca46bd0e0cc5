/**
 * What the guard does after its own commits: a halt takes every open permit of its shard back; a number barred for everybody
 * is written into the number's own row. Both are found again after a restart through their timers.
 */
import { type EventEnvelope, eventKey } from '@mora/contracts';
import { type Command, streamId, type TimerRow } from '@mora/eventing';
import type { ServiceCore } from '@mora/service';
import { deferNumberBarsCommand, keepNumberBarCommand, revokeHaltedCommand } from '../contacts/commands.js';
import { BARS_TIMER, PERMITS_TIMER } from '../contacts/contacts.js';
import { PermitWatch } from './permit-watch.js';

const TRIES = 3;
const PAUSE_MS = 100;

export interface LiveEffects {
  onCommitted(events: readonly EventEnvelope[]): void;
  onTimer(timer: TimerRow): readonly Command[];
  recover(): Promise<void>;
}

export const createLiveEffects = (core: ServiceCore): LiveEffects => {
  const watch = new PermitWatch();

  /** Runs with the clock held; a failure is logged and left to the timer or to the next start. */
  const effect = (what: string, work: () => Promise<unknown>): void => {
    const end = core.activity.begin();
    const run = async (left: number): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (left <= 1) return core.log.error({ effect: what, error: String(error) }, 'effect failed');
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (TRIES - left + 1)));
        await run(left - 1);
      }
    };
    void run(TRIES).finally(end);
  };

  const revokeIn = (shard: number, haltFact: string): void => {
    for (const debtorId of watch.holders(shard))
      effect('revoke-halted', () => core.writer.execute(revokeHaltedCommand(debtorId, shard, haltFact)));
  };

  const keepBar = (debtorId: string, phoneRef: string): void =>
    effect('keep-number-bar', async () => {
      const key = await core.platform.ports.intake.numberKey(debtorId, phoneRef);
      await core.writer.execute(keepNumberBarCommand(debtorId, phoneRef, key));
    });

  const noted = (event: EventEnvelope): void => {
    watch.note(event);
    if (event.type === 'HaltNoted') revokeIn(event.shard, eventKey(event));
    if (event.type === 'NumberBarred') {
      const { phoneRef, everywhere } = event.data as { readonly phoneRef: string; readonly everywhere: boolean };
      if (everywhere) keepBar(event.subject, phoneRef);
    }
    if (event.type === 'NumberBarDeferred') {
      const { phoneRefs } = event.data as { readonly phoneRefs: readonly string[] };
      for (const phoneRef of phoneRefs) keepBar(event.subject, phoneRef);
    }
  };

  return {
    onCommitted: (events) => events.forEach(noted),
    onTimer: (timer) => (timer.name === BARS_TIMER ? [deferNumberBarsCommand(streamId(timer.stream))] : []),
    recover: async () => {
      for (const { shard, subject } of await core.store.timersNamed(PERMITS_TIMER)) watch.found(shard, subject);
      for (let shard = 0; shard < core.writer.shards; shard++) revokeIn(shard, 'cmd:recover');
      for (const { subject } of await core.store.timersNamed(BARS_TIMER))
        await core.writer.execute(deferNumberBarsCommand(subject));
    },
  };
};
