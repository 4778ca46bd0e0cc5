/** The sender's part in the life of the service: what was drafted goes out, what the SMSC tells comes in, on clock ticks. */
import { type EventEnvelope, shardOf } from '@mora/contracts';
import { type Clock, type Command, ref, type TimerRow } from '@mora/eventing';
import { ActsOutside, CLOCK, EventCore, type MissingContact, notStored, type ServicePart } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { OPEN_TIMER } from '../messaging/messaging.js';
import { SMSC, type SmscAdapter } from '../outbound/smsc.js';
import { keepCommand, planCommand, SMS_SERVICES, type SmsServices } from '../reactions/commands.js';
import { sms } from '../sms/sms.js';
import { Sender } from './sender.js';

@ActsOutside()
@Injectable()
export class WayOut implements ServicePart {
  private isReady = false;
  private unsubscribe: () => void = () => undefined;

  constructor(
    private readonly sender: Sender,
    private readonly core: EventCore,
    @Inject(SMSC) private readonly smsc: SmscAdapter,
    @Inject(SMS_SERVICES) private readonly services: SmsServices,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async open(): Promise<void> {
    const { shards } = this.core.writer;
    this.smsc.onReceipt(
      (message) => void this.sender.hear(message, message.debtorId === null ? 0 : shardOf(message.debtorId, shards)),
    );
    await this.smsc.open();
  }

  async missing(): Promise<readonly MissingContact[]> {
    return (await this.missingSms()).map(({ smsId: contactId, debtorId, at }) => ({
      contactId,
      debtorId,
      channel: 'sms',
      at,
    }));
  }

  async importMissing(by: string): Promise<void> {
    const { shards } = this.core.writer;
    for (const { smsId, debtorId, at } of await this.missingSms())
      await this.sender.find({ smsId, debtorId, shard: shardOf(debtorId, shards) }, at, by);
  }

  private missingSms() {
    return notStored(this.core, this.smsc.made?.() ?? [], {
      keyOf: ({ smsId, debtorId }) => ({ stream: ref(sms, smsId).stream, debtorId }),
      proves: (type) => type === 'SmsSubmitting' || type === 'SmsFound',
    });
  }

  start(): void {
    this.unsubscribe = this.clock.onTick((now) => {
      if (this.isReady) this.smsc.tick(now);
    });
  }

  stop(): void {
    this.unsubscribe();
    this.smsc.close();
  }

  onTimer({ name, subject, shard }: TimerRow): readonly Command[] {
    const place = { debtorId: subject, shard };
    return [name === OPEN_TIMER ? keepCommand(place) : planCommand(this.services, place)];
  }

  onCommitted(events: readonly EventEnvelope[]): void {
    for (const event of events) {
      const smsId = smsIdToSend(event);
      if (smsId !== null) this.sender.start({ smsId, debtorId: event.subject, shard: event.shard });
    }
  }

  wantsTick(): string | null {
    return this.smsc.wantsTick();
  }

  /** Before the first receipt is taken in: what was being submitted is lost, and a receipt may find it again. */
  async recover(): Promise<void> {
    for (const { subject, shard } of await this.core.store.timersNamed(OPEN_TIMER))
      await this.sender.resume({ debtorId: subject, shard });
    this.isReady = true;
    this.smsc.recover(this.clock.now());
    this.smsc.tick(this.clock.now());
  }
}

const smsIdToSend = ({ type, data }: EventEnvelope): string | null =>
  type === 'SmsDrafted' || type === 'DraftKept' ? (data as { readonly smsId: string }).smsId : null;
