/**
 * Takes a drafted SMS out of the house: text, intent, the guard's permit, the number, the commit of submitting, the submit. A step
 * that was interrupted goes on from what is stored; what was committed as submitting is never handed over again.
 */
import { destinationList, destinationOf, isListed, REACHABLE_BY_SMS } from '@mora/contact-rules';
import type { AuthorizeReply, Permit } from '@mora/contracts';
import type { Activity, Clock } from '@mora/eventing';
import { FieldNotOpened, isNumberOf, openField, repeatableIv, sealField } from '@mora/keys';
import { ACTIVITY, CLOCK, EventCore, LOG, PORTS, type Ports, Retry, WALL } from '@mora/service';
import { fillTemplate } from '@mora/strategy';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { SMS_CONFIG, type SmsTriggerConfig } from '../config.js';
import type { OpenSms } from '../messaging/records.js';
import { SMSC, type SmscAdapter, type SmscMessage, type SmscReceipt, type SmscReply } from '../outbound/smsc.js';
import {
  type Place,
  readCommand,
  SMS_SERVICES,
  type SmsPlace,
  type SmsServices,
  type SmsStates,
  smsCommand,
  unmatchedCommand,
} from '../reactions/commands.js';
import type { SmsCommand } from '../sms/decisions.js';
import { readReply } from '../sms/reply.js';
import { replyKey, type SmsSheet } from '../sms/sms.js';

/** After a failure of ours the plan tries again, with a new intent. */
const HOLD_MS = 600_000;
/** A stream that never has an event. */
const NO_SMS = 'none';
const TRIES = { tries: 3, firstMs: 300 };

type Step<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

@Injectable()
export class Sender {
  private readonly running = new Set<string>();

  constructor(
    private readonly core: EventCore,
    @Inject(SMSC) private readonly smsc: SmscAdapter,
    @Inject(SMS_SERVICES) private readonly services: SmsServices,
    @Inject(SMS_CONFIG) private readonly config: Pick<SmsTriggerConfig, 'gatewayId' | 'sender' | 'destinations'>,
    @Inject(PORTS) private readonly ports: Pick<Ports, 'guard' | 'intake'>,
    @Inject(ACTIVITY) private readonly activity: Activity,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(WALL) private readonly wallMs: () => number,
    private readonly retry: Retry,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Begins its activity before it returns; does nothing while the same SMS is under way. */
  start(place: SmsPlace): void {
    void this.send(place);
  }

  async send(place: SmsPlace): Promise<void> {
    if (this.running.has(place.smsId)) return;
    this.running.add(place.smsId);
    const end = this.activity.begin();
    try {
      await this.goOn(place);
    } catch (error) {
      this.log.warn({ smsId: place.smsId, error: String(error) }, 'sending was interrupted');
    } finally {
      this.running.delete(place.smsId);
      end();
    }
  }

  /** After a restart: whatever of this debtor was on its way. */
  async resume({ debtorId, shard }: Place): Promise<void> {
    const { states } = await this.core.execute(readCommand({ debtorId, shard, smsId: NO_SMS }));
    const [{ open }] = states as unknown as SmsStates;
    if (open !== null) await this.send({ debtorId, shard, smsId: open.smsId });
  }

  /** An SMS that the SMSC knows and this service does not. */
  async find(place: SmsPlace, submittedAt: string, by: string): Promise<void> {
    await this.execute(place, { do: 'find', debtorId: place.debtorId, submittedAt, by });
  }

  /** A receipt or a reply of the SMSC. */
  async hear(message: SmscMessage, shard: number): Promise<void> {
    const end = this.activity.begin();
    try {
      if (message.kind === 'receipt') await this.hearReceipt(message, shard);
      else await this.hearReply(message, shard);
    } finally {
      end();
    }
  }

  private async hearReceipt(message: SmscReceipt, shard: number): Promise<void> {
    const { smsId, debtorId, providerId, at, delivered, error, parts } = message;
    const receipt = { providerId, receiptAt: at, delivered, error, ...(parts === undefined ? {} : { parts }) };
    const place = { smsId, debtorId, shard };
    const heard = await this.tried(() => this.execute(place, { do: 'receive', receipt }), 'receipt');
    if (!heard.ok || heard.value[1].status !== 'none') return;
    const data = { smsId, contactId: smsId, debtorId, providerId, receiptAt: at, why: 'unknown-sms' as const };
    const refused = { type: 'SmsReceiptRefused', data } as const;
    await this.tried(() => this.core.execute(unmatchedCommand(shard, refused)), 'receipt');
  }

  private async hearReply(message: SmscReply, shard: number): Promise<void> {
    const { smsId, debtorId, at: repliedAt, text: said } = message;
    if (smsId === null || debtorId === null) return this.keepUnmatched(message, shard, 'unknown-sms');
    const place = { smsId, debtorId, shard };
    const unwrapped = await this.tried(() => this.ports.intake.unwrap(debtorId), 'unwrap');
    if (unwrapped.ok && unwrapped.value === null) return this.keepUnmatched(message, shard, 'no-key');
    const { states } = await this.core.execute(readCommand(place));
    if ((states as unknown as SmsStates)[1].status === 'none') return this.keepUnmatched(message, shard, 'unknown-sms');
    // What it stops holds also while its words cannot be sealed.
    const key = unwrapped.ok ? unwrapped.value : null;
    const field = { debtorId, stream: `sms-${smsId}`, field: `reply/${repliedAt}` };
    const text = key === null ? null : sealField(key, field, said, repeatableIv(key, field, said));
    const todo: SmsCommand = { do: 'take-reply', said, text, repliedAt };
    await this.tried(() => this.core.execute(smsCommand(this.services, place, todo, key?.keyId ?? null)), 'reply');
  }

  private async keepUnmatched(message: SmscReply, shard: number, why: 'unknown-sms' | 'no-key'): Promise<void> {
    const { smsId, debtorId, at, text } = message;
    const { reply, stops } = readReply(text, { doubtful: true });
    const replyId = message.replyId ?? [smsId, debtorId, replyKey(at, reply)].join('|');
    const read = stops.map(({ channels, ...stop }) => ({ ...stop, channels: [...channels] }));
    const unmatched = {
      type: 'SmsReplyUnmatched',
      data: { replyId, smsId, debtorId, reply, stops: read, at, why },
    } as const;
    await this.tried(() => this.core.execute(unmatchedCommand(shard, unmatched)), 'reply');
  }

  private async execute(place: SmsPlace, todo: SmsCommand): Promise<SmsStates> {
    const decision = await this.core.execute(smsCommand(this.services, place, todo));
    return decision.states as unknown as SmsStates;
  }

  private async goOn(place: SmsPlace): Promise<void> {
    const decision = await this.core.execute(readCommand(place));
    let [{ open }, state] = decision.states as unknown as SmsStates;
    if (open === null || open.smsId !== place.smsId) return;
    if (state.status === 'submitting') {
      await this.execute(place, { do: 'lose' });
      return;
    }
    if (state.status === 'none') [{ open }, state] = await this.intend(place, open);
    if (open === null || open.smsId !== place.smsId || state.status !== 'intended') return;
    const permit = await this.permitFor(place, open);
    if (permit !== null) await this.submit(place, permit, state.sheet);
  }

  private async intend(place: SmsPlace, open: OpenSms): Promise<SmsStates> {
    const { services } = this;
    const { intake } = this.ports;
    const { sender } = this.config;
    const unwrapped = await this.tried(() => intake.unwrap(place.debtorId), 'unwrap');
    if (!unwrapped.ok) return this.execute(place, { do: 'withdraw', because: 'intake-unreachable', holdMs: HOLD_MS });
    const key = unwrapped.value;
    const strategy = services.strategyOf(open.strategyHash);
    if (key === null) return this.execute(place, { do: 'lapse', reason: 'debtor-erased' });
    if (strategy === undefined)
      return this.execute(place, { do: 'withdraw', because: 'strategy-missing', holdMs: HOLD_MS });
    const name = open.salutation === '' ? null : surnameOf(open, key);
    const values = { ...open.facts.values, surname: name, salutation: name === null ? null : open.salutation };
    const filled = fillTemplate(strategy, open.templateId, { ...open.facts, values });
    if (!filled.ok) {
      const missing = filled.missing.length === 0 ? '' : `: ${filled.missing.join(', ')}`;
      return this.execute(place, { do: 'lapse', reason: `${filled.reason}${missing}` });
    }
    const { text, ...rest } = filled;
    const field = { debtorId: place.debtorId, stream: `sms-${place.smsId}`, field: 'text' };
    const sealed = sealField(key, field, text, repeatableIv(key, field, text));
    const todo: SmsCommand = { do: 'intend', filled: rest, text: sealed, sender };
    const decision = await this.core.execute(smsCommand(services, place, todo, key.keyId));
    return decision.states as unknown as SmsStates;
  }

  private async permitFor(place: SmsPlace, open: OpenSms): Promise<Permit | null> {
    const [, state] = (await this.core.execute(readCommand(place))).states as unknown as SmsStates;
    if (state.status !== 'intended') return null;
    const { sheet } = state;
    const asked = await this.tried<AuthorizeReply>(
      () =>
        this.ports.guard.authorize({
          contactId: place.smsId,
          debtorId: place.debtorId,
          channel: 'sms',
          phoneRef: sheet.phoneRef,
          gatewayId: this.config.gatewayId,
          actor: 'bank',
          party: 'debtor',
          context: { ...sheet.context },
          accountIds: [open.accountId],
          solicitedBy: open.solicitedBy,
          askedBy: null,
        }),
      'authorize',
    );
    if (!asked.ok) {
      await this.execute(place, { do: 'withdraw', because: 'guard-unreachable', holdMs: HOLD_MS });
      return null;
    }
    if (asked.value.result === 'allowed') return asked.value.permit;
    const { deniedBy, retryNotBefore } = asked.value;
    await this.execute(place, { do: 'deny', deniedBy, retryNotBefore });
    return null;
  }

  /** Also when it cannot be known. */
  private isOver({ startNotAfter, endBy }: Permit): boolean {
    return this.core.isClockOff || this.wallMs() > Date.parse(startNotAfter) || this.clock.now() >= endBy;
  }

  private numberProblem(number: string, key: Uint8Array, { phoneRef }: Permit): string | null {
    if (!isNumberOf(key, number, phoneRef)) return 'number of another permit';
    const { destinations = destinationList(REACHABLE_BY_SMS) } = this.config;
    return isListed(destinations, destinationOf(number)) ? null : 'destination not on the list';
  }

  private async submit(place: SmsPlace, permit: Permit, sheet: SmsSheet): Promise<void> {
    const { smsc } = this;
    const { intake } = this.ports;
    const revealed = await this.tried(
      () => intake.reveal(permit),
      'reveal',
      () => this.isOver(permit),
    );
    const opened = await this.tried(() => intake.unwrap(place.debtorId), 'unwrap');
    if (!revealed.ok || !opened.ok || opened.value === null || this.isOver(permit)) {
      const because = this.isOver(permit) ? 'permit-expired' : 'not-revealed';
      await this.execute(place, { do: 'withdraw', because, holdMs: HOLD_MS });
      return;
    }
    const wrong = this.numberProblem(revealed.value, opened.value.key, permit);
    if (wrong !== null) {
      await this.execute(place, { do: 'withdraw', because: wrong, holdMs: HOLD_MS });
      return;
    }
    const text = openField(
      opened.value,
      { debtorId: place.debtorId, stream: `sms-${place.smsId}`, field: 'text' },
      sheet.text,
    );
    const { events } = await this.core.execute(smsCommand(this.services, place, { do: 'submit' }));
    // Whoever committed it hands it over: another process may have been faster, or a fact withdrew it.
    if (!events.some(({ type }) => type === 'SmsSubmitting')) return;
    if (this.isOver(permit)) {
      await this.execute(place, { do: 'reject', error: 'permit-expired' });
      return;
    }
    const { phoneIndex, sender, segments, trigger } = sheet;
    const { smsId, debtorId } = place;
    const at = this.clock.now();
    const answer = await smsc
      .submit({ smsId, debtorId, number: revealed.value, phoneIndex, text, sender, segments, trigger, at })
      .catch((error: unknown) => {
        this.log.warn({ smsId, error: String(error) }, 'the SMSC gave no answer');
        return null;
      });
    await this.settle(place, answer);
  }

  /** Not committed after all tries: the SMS stays submitting, and is looked for again as lost. */
  private async settle(place: SmsPlace, answer: Awaited<ReturnType<SmscAdapter['submit']>> | null): Promise<void> {
    const todo: SmsCommand =
      answer === null
        ? { do: 'lose' }
        : answer.result === 'accepted'
          ? { do: 'accept', providerIds: answer.providerIds, costUnits: answer.costUnits }
          : { do: 'reject', error: answer.error };
    await this.tried(() => this.execute(place, todo), 'settle');
  }

  /** @param over nothing would come of a further try */
  private async tried<T>(work: () => Promise<T>, what: string, over: () => boolean = () => false): Promise<Step<T>> {
    const onFailure = (error: unknown) => this.log.warn({ what, error: String(error) }, 'a step of an SMS failed');
    try {
      return { ok: true, value: await this.retry.run(work, { ...TRIES, mayPass: () => !over(), onFailure }) };
    } catch {
      return { ok: false };
    }
  }
}

const surnameOf = ({ debtorId, surname }: OpenSms, key: { readonly key: Uint8Array }): string | null => {
  try {
    return openField(key, { debtorId, stream: `debtor-${debtorId}`, field: 'surname' }, surname);
  } catch (error) {
    if (error instanceof FieldNotOpened) return null;
    throw error;
  }
};
