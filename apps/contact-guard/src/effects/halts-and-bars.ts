/**
 * What the guard does after its own commits: a halt takes every open permit of its shard back; a number barred for everybody
 * is written into the number's own row. Both are found again after a restart through their timers.
 */
import { type EventEnvelope, eventKey } from '@mora/contracts';
import { type Activity, type Clock, type Command, snapToTick, streamId, type TimerRow } from '@mora/eventing';
import {
  ACTIVITY,
  ActsOutside,
  CLOCK,
  EventCore,
  LOG,
  PORTS,
  type Ports,
  Retry,
  type ServicePart,
} from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import {
  deferNumberBarsCommand,
  keepNumberBarCommand,
  revokeHaltedCommand,
  watchPermitsCommand,
} from '../contacts/commands.js';
import { BARS_TIMER, PERMITS_TIMER } from '../contacts/contacts.js';
import { PermitWatch } from './permit-watch.js';

const TRIES = { tries: 3, firstMs: 100, mayPass: () => true };

@ActsOutside()
@Injectable()
export class HaltsAndBars implements ServicePart {
  private readonly watch = new PermitWatch();
  /** Revocations that failed, by debtor: tried again at every tick until they are done. */
  private readonly owed = new Map<string, { readonly shard: number; readonly haltFact: string }>();
  private unsubscribe: () => void = () => undefined;

  constructor(
    private readonly core: EventCore,
    @Inject(PORTS) private readonly ports: Pick<Ports, 'intake'>,
    @Inject(ACTIVITY) private readonly activity: Activity,
    private readonly retry: Retry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  start(): void {
    this.unsubscribe = this.clock.onTick(() => this.payOwed());
  }

  stop(): void {
    this.unsubscribe();
  }

  wantsTick(): string | null {
    if (this.owed.size === 0) return null;
    return snapToTick(new Date(Date.parse(this.clock.now()) + 1).toISOString());
  }

  onCommitted(events: readonly EventEnvelope[]): void {
    for (const event of events) this.noted(event);
  }

  onTimer({ name, shard, stream }: TimerRow): readonly Command[] {
    const debtorId = streamId(stream);
    if (name === PERMITS_TIMER) return [watchPermitsCommand(debtorId, shard)];
    return name === BARS_TIMER ? [deferNumberBarsCommand(debtorId)] : [];
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
    for (const debtorId of this.watch.holders(shard)) this.revoke(debtorId, shard, haltFact);
  }

  private revoke(debtorId: string, shard: number, haltFact: string): void {
    this.owed.set(debtorId, { shard, haltFact });
    this.effect('revoke-halted', async () => {
      await this.core.execute(revokeHaltedCommand(debtorId, shard, haltFact));
      this.owed.delete(debtorId);
    });
  }

  private payOwed(): void {
    for (const [debtorId, { shard, haltFact }] of this.owed) this.revoke(debtorId, shard, haltFact);
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
