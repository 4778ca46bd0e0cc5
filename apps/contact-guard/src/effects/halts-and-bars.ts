/**
 * What the guard does after its own commits: a halt takes every open permit of its shard back; a number barred for everybody
 * is written into the number's own row. Both are found again after a restart through their timers.
 */
import { type EventEnvelope, eventKey } from '@mora/contracts';
import { type Activity, type Command, streamId, type TimerRow } from '@mora/eventing';
import { ACTIVITY, ActsOutside, EventCore, LOG, PORTS, type Ports, Retry, type ServicePart } from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { deferNumberBarsCommand, keepNumberBarCommand, revokeHaltedCommand } from '../contacts/commands.js';
import { BARS_TIMER, PERMITS_TIMER } from '../contacts/contacts.js';
import { PermitWatch } from './permit-watch.js';

const TRIES = { tries: 3, firstMs: 100, mayPass: () => true };

@ActsOutside()
@Injectable()
export class HaltsAndBars implements ServicePart {
  private readonly watch = new PermitWatch();

  constructor(
    private readonly core: EventCore,
    @Inject(PORTS) private readonly ports: Pick<Ports, 'intake'>,
    @Inject(ACTIVITY) private readonly activity: Activity,
    private readonly retry: Retry,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onCommitted(events: readonly EventEnvelope[]): void {
    for (const event of events) this.noted(event);
  }

  onTimer({ name, stream }: TimerRow): readonly Command[] {
    return name === BARS_TIMER ? [deferNumberBarsCommand(streamId(stream))] : [];
  }

  async recover(): Promise<void> {
    const { store, writer } = this.core;
    for (const { shard, subject } of await store.timersNamed(PERMITS_TIMER)) this.watch.found(shard, subject);
    for (let shard = 0; shard < writer.shards; shard++) this.revokeIn(shard, 'cmd:recover');
    for (const { subject } of await store.timersNamed(BARS_TIMER))
      await this.core.execute(deferNumberBarsCommand(subject));
  }

  private noted(event: EventEnvelope): void {
    this.watch.note(event);
    if (event.type === 'HaltNoted') this.revokeIn(event.shard, eventKey(event));
    if (event.type === 'NumberBarred') {
      const { phoneRef, everywhere } = event.data as { readonly phoneRef: string; readonly everywhere: boolean };
      if (everywhere) this.keepBar(event.subject, phoneRef);
    }
    if (event.type === 'NumberBarDeferred') {
      const { phoneRefs } = event.data as { readonly phoneRefs: readonly string[] };
      for (const phoneRef of phoneRefs) this.keepBar(event.subject, phoneRef);
    }
  }

  private revokeIn(shard: number, haltFact: string): void {
    for (const debtorId of this.watch.holders(shard))
      this.effect('revoke-halted', () => this.core.execute(revokeHaltedCommand(debtorId, shard, haltFact)));
  }

  private keepBar(debtorId: string, phoneRef: string): void {
    this.effect('keep-number-bar', async () => {
      const key = await this.ports.intake.numberKey(debtorId, phoneRef);
      await this.core.execute(keepNumberBarCommand(debtorId, phoneRef, key));
    });
  }

  /** Runs with the clock held; a failure is logged and left to the timer or to the next start. */
  private effect(what: string, work: () => Promise<unknown>): void {
    const end = this.activity.begin();
    void this.retry
      .run(work, TRIES)
      .catch((error: unknown) => this.log.error({ effect: what, error: String(error) }, 'effect failed'))
      .finally(end);
  }
}
