/**
 * The live side of a dial: slot → intent → permit → number → originate → outcome. Each step is stored before the next one
 * begins, so that after a crash the stored state says what is left to do. Nobody is called without a permit.
 */
import type { AuthorizeReply, EventEnvelope, Permit, SlotGrant } from '@mora/contracts';
import { type Activity, type Command, type Decision, streamId } from '@mora/eventing';
import { openField } from '@mora/keys';
import { ACTIVITY, ActsOutside, EventCore, LOG, PORTS, type Ports, Retry, type ServicePart } from '@mora/service';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { REVOKE_TIMER, SETTLE_TIMER } from '../call/call.js';
import type { PreparedCall } from '../call/prepare.js';
import { DIALER_COMMANDS, type DialerCommands } from '../commands.js';
import { QUEUED_TIMER } from '../dialing/dialing.js';
import type { Dialing, QueuedDial } from '../dialing/records.js';

type Asked = Pick<QueuedDial, 'attemptId' | 'debtorId' | 'priority' | 'queuedAt'>;

interface Flight {
  revoked: string | null;
}

const TRIES = { tries: 6, firstMs: 100 };

@ActsOutside()
@Injectable()
export class DialEffects implements ServicePart {
  /** Attempts that this process is working on, from the wait for a line to the gateway's answer. */
  private readonly flights = new Map<string, Flight>();

  constructor(
    @Inject(DIALER_COMMANDS) private readonly commands: DialerCommands,
    private readonly core: EventCore,
    @Inject(PORTS) private readonly ports: Ports,
    @Inject(ACTIVITY) private readonly activity: Activity,
    private readonly retry: Retry,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onCommitted(events: readonly EventEnvelope[]): void {
    for (const event of events) {
      const data = event.data as Readonly<Record<string, unknown>>;
      const attemptId = String(data['attemptId'] ?? '');
      const debtorId = event.subject;
      switch (event.type) {
        case 'DialQueued':
          this.awaitSlot(event.data as QueuedDial);
          break;
        case 'QueueKept':
          if (!this.flights.has(attemptId)) this.during(() => this.resumeQueued(debtorId));
          break;
        case 'DialClosed':
          if (data['fromQueue'] === true && this.flights.delete(attemptId))
            this.during(() => this.tried(() => this.ports.gateway.releaseSlot(attemptId)));
          break;
        case 'RevocationNoted':
        case 'RevocationAsked':
          this.revoke(attemptId, String(data['why']));
          break;
        case 'SettleAsked':
          if (!this.flights.has(attemptId)) this.during(() => this.settle(debtorId, attemptId));
          break;
      }
    }
  }

  /** After a start: tells of permits taken back, waits again for lines, and asks for the fate of every open call. */
  async recover(): Promise<void> {
    for (const timer of await this.core.store.timersNamed(REVOKE_TIMER))
      await this.write(this.commands.askRevoke(timer.subject, streamId(timer.stream)));
    for (const timer of await this.core.store.timersNamed(QUEUED_TIMER)) await this.resumeQueued(timer.subject);
    for (const timer of await this.core.store.timersNamed(SETTLE_TIMER)) {
      const attemptId = streamId(timer.stream);
      if (!this.flights.has(attemptId)) await this.settle(timer.subject, attemptId);
    }
  }

  private async resumeQueued(debtorId: string): Promise<void> {
    const { states } = await this.write(this.commands.look(debtorId));
    const { active } = states[0] as Dialing;
    if (active?.stage === 'queued' && !this.flights.has(active.attemptId)) this.awaitSlot(active);
  }

  /** Only the clock brings a slot: while it is waited for, nothing is going on here. */
  private awaitSlot(asked: Asked): void {
    const { attemptId, debtorId, priority, queuedAt } = asked;
    const flight: Flight = { revoked: null };
    this.flights.set(attemptId, flight);
    const end = this.activity.begin();
    this.ports.gateway.requestSlot({ attemptId, debtorId, priority, queuedAt }).then(
      (grant) => {
        if (this.flights.get(attemptId) === flight) this.during(() => this.dial(asked, grant, flight));
      },
      () => this.forget(attemptId, flight),
    );
    setImmediate(end);
  }

  private async dial(asked: Asked, grant: SlotGrant, flight: Flight): Promise<void> {
    const { attemptId, debtorId } = asked;
    let used = false;
    try {
      const last: { prepared: PreparedCall | null } = { prepared: null };
      const made = (prepared: PreparedCall | null) => {
        last.prepared = prepared;
      };
      const { states } = await this.write(this.commands.intend({ debtorId, attemptId, grant, made }));
      const { prepared } = last;
      if (prepared === null) return;
      const debtor = states[0] as Dialing;
      used = await this.call({ debtor, grant, flight, prepared, attemptId, debtorId });
    } catch (error) {
      this.log.warn({ attemptId, error: String(error) }, 'a dial was interrupted');
      await this.closeUnsent(debtorId, attemptId, 'interrupted');
    } finally {
      this.forget(attemptId, flight);
      if (!used) await this.tried(() => this.ports.gateway.releaseSlot(attemptId));
    }
  }

  /** @returns whether the gateway took the call. */
  private async call(of: {
    readonly debtor: Dialing;
    readonly grant: SlotGrant;
    readonly flight: Flight;
    readonly prepared: PreparedCall;
    readonly attemptId: string;
    readonly debtorId: string;
  }): Promise<boolean> {
    const { attemptId, debtorId, flight, prepared, debtor } = of;
    const dial = debtor.active;
    if (!dial) return false;
    const { commands, ports } = this;
    const reply = await this.authorize(dial, prepared, of.grant);
    if (reply === null) return this.closeUnsent(debtorId, attemptId, 'guard unavailable');
    if (reply.result === 'denied') {
      await this.write(commands.deny(debtorId, attemptId, reply));
      return false;
    }
    const spoken = await this.reveal(reply.permit, debtor);
    if (spoken === null) return this.closeUnsent(debtorId, attemptId, 'number not revealed');
    if (flight.revoked !== null) return this.closeUnsent(debtorId, attemptId, flight.revoked);
    const answer = await ports.gateway.originate({
      attemptId,
      contactId: attemptId,
      debtorId,
      context: prepared.context,
      phoneRef: dial.phoneRef,
      permit: reply.permit,
      number: spoken.number,
      phoneIndex: dial.phoneIndex,
      name: spoken.name,
      voice: prepared.voice.voice,
      dialogueHash: prepared.dialogue.hash,
      dialogue: prepared.dialogue,
    });
    if (answer.result === 'refused') return this.closeUnsent(debtorId, attemptId, answer.because);
    if (flight.revoked !== null) await this.hangup(attemptId, flight.revoked);
    const { trunk, acceptedAt: originatedAt } = answer;
    await this.write(commands.originated(debtorId, attemptId, { trunk, originatedAt }));
    return true;
  }

  /** Any exception of the guard is a no. */
  private async authorize(dial: QueuedDial, prepared: PreparedCall, grant: SlotGrant): Promise<AuthorizeReply | null> {
    try {
      return await this.ports.guard.authorize({
        contactId: dial.attemptId,
        debtorId: dial.debtorId,
        channel: 'call',
        phoneRef: dial.phoneRef,
        gatewayId: grant.gatewayId,
        actor: 'bank',
        party: 'debtor',
        context: prepared.context,
        accountIds: [...prepared.accountIds],
        solicitedBy: null,
        askedBy: dial.askedBy,
      });
    } catch (error) {
      this.log.warn({ attemptId: dial.attemptId, error: String(error) }, 'the guard did not answer');
      return null;
    }
  }

  /** The number in clear, and the name; neither is kept. */
  private async reveal(permit: Permit, debtor: Dialing): Promise<{ number: string; name: string } | null> {
    const { intake } = this.ports;
    try {
      const [number, key] = await Promise.all([intake.reveal(permit), intake.unwrap(permit.debtorId)]);
      const surname = debtor.debtor?.surname;
      const name = key && surname ? openSurname(key.key, permit.debtorId, surname) : null;
      return { number, name: name ?? '' };
    } catch (error) {
      this.log.warn({ attemptId: permit.contactId, error: String(error) }, 'the number was not revealed');
      return null;
    }
  }

  /** Closes an intent that did not become a call, but only when the gateway says that it never will. */
  private async closeUnsent(debtorId: string, attemptId: string, because: string): Promise<false> {
    const { commands, ports } = this;
    await this.write(commands.giveUp(debtorId, attemptId, because));
    const fate = await this.tried(() => ports.gateway.settle(attemptId, debtorId));
    if (fate === 'never-left') await this.write(commands.withdraw(debtorId, attemptId, because));
    return false;
  }

  private async settle(debtorId: string, attemptId: string): Promise<void> {
    const { commands, ports } = this;
    const fate = await this.tried(() => ports.gateway.settle(attemptId, debtorId));
    if (fate === 'never-left') await this.write(commands.withdraw(debtorId, attemptId, 'settled'));
    if (fate === 'lost') await this.write(commands.end(debtorId, attemptId, { outcome: null, settledBy: 'settle' }));
  }

  private revoke(attemptId: string, why: string): void {
    const flight = this.flights.get(attemptId);
    if (flight) flight.revoked = why;
    this.during(() => this.hangup(attemptId, why));
  }

  private async hangup(attemptId: string, why: string): Promise<void> {
    await this.tried(() => this.ports.gateway.hangup(attemptId, why));
  }

  private forget(attemptId: string, flight: Flight): void {
    if (this.flights.get(attemptId) === flight) this.flights.delete(attemptId);
  }

  private during(work: () => Promise<unknown>): void {
    const end = this.activity.begin();
    void work()
      .catch((error: unknown) => this.log.warn({ error: String(error) }, 'an effect failed; its timer tries again'))
      .finally(end);
  }

  private write(command: Command): Promise<Decision> {
    return this.retry.run(() => this.core.execute(command), TRIES);
  }

  /** @returns null when all tries failed; the attempt's timer asks again later. */
  private async tried<T>(work: () => Promise<T>): Promise<T | null> {
    return this.retry.run(work, TRIES).catch((error: unknown) => {
      this.log.warn({ error: String(error) }, 'a call to another service failed');
      return null;
    });
  }
}

/** Null: it cannot be opened. */
const openSurname = (key: Uint8Array, debtorId: string, sealed: string): string | null => {
  try {
    return openField({ key }, { debtorId, stream: `debtor-${debtorId}`, field: 'surname' }, sealed);
  } catch {
    return null;
  }
};
