/** The gateway's part in the life of the service: its carrier, its clock ticks, and the legs that a crash left open. */
import { type Command, ref, streamId, type TimerRow } from '@mora/eventing';
import { ActsOutside, EventCore, type MissingContact, notStored, type Ports, type ServicePart } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { TelephonyGateway } from '../gateway.js';
import { leg, OPEN_LEG_TIMER } from '../leg/leg.js';
import { CARRIER, type CarrierAdapter, type MadeCall } from '../outbound/carrier.js';

@ActsOutside()
@Injectable()
export class Line implements ServicePart {
  constructor(
    private readonly gateway: TelephonyGateway,
    private readonly core: EventCore,
    @Inject(CARRIER) private readonly carrier: CarrierAdapter,
  ) {}

  offers(): Partial<Ports> {
    return { gateway: this.gateway };
  }

  async open(): Promise<void> {
    await this.carrier.open();
  }

  async missing(): Promise<readonly MissingContact[]> {
    return (await this.missingCalls()).map(({ attemptId, debtorId, inviteAt }) => ({
      contactId: attemptId,
      debtorId,
      channel: 'call',
      at: inviteAt,
    }));
  }

  async importMissing(by: string): Promise<void> {
    for (const call of await this.missingCalls()) await this.gateway.find(call, by);
  }

  private missingCalls(): Promise<readonly MadeCall[]> {
    return notStored(this.core, this.carrier.made?.() ?? [], {
      keyOf: ({ attemptId, debtorId }) => ({ stream: ref(leg, attemptId).stream, debtorId }),
      proves: () => true,
    });
  }

  start(): void {
    this.gateway.start();
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
  }

  isAtRest(): boolean {
    return !this.gateway.isTalking;
  }

  wantsTick(): string | null {
    return this.gateway.nextTick();
  }

  onTimer({ stream, subject }: TimerRow): readonly Command[] {
    const attemptId = streamId(stream);
    return [this.gateway.loseCommand(attemptId, subject)];
  }

  async recover(): Promise<void> {
    for (const { stream, subject } of await this.core.store.timersNamed(OPEN_LEG_TIMER))
      await this.gateway.lose(streamId(stream), subject);
  }
}
