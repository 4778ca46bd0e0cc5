/** The service in memory, with an SMSC, a guard and an intake that do as they are told. */
import type {
  AuthorizeReply,
  AuthorizeRequest,
  DialogueResult,
  EventEnvelope,
  NewEvent,
  Permit,
  SmsTrigger,
  Source,
} from '@mora/contracts';
import { canonicalForm } from '@mora/strategy';
import { type ServiceWorld, serviceWorld, waitFor } from '@mora/test-kit';
import type { Type } from '@nestjs/common';
import type { SmsTriggerConfig } from '../config.js';
import { SMSC, type SmscAdapter, type SmscMessage } from '../outbound/smsc.js';
import { SmsTriggerModule } from '../sms-trigger.module.js';
import {
  callEnded,
  DEBTOR,
  HASH,
  KEY,
  local,
  numberOf,
  type OpenCase,
  openingFacts,
  SHARDS,
  strategy,
  told,
} from './facts.js';
import { FakeSmsc } from './fake-smsc.js';

const WALL = Date.parse('2026-11-23T00:00:00.000Z');
const STRATEGY_TEXT = canonicalForm(strategy);

export interface SmsWorldOptions {
  readonly simulated?: SmsTriggerConfig['simulated'];
  /** Put in place of {@link FakeSmsc}; null: the module's own. */
  readonly smsc?: (() => SmscAdapter) | null;
}

export class SmsWorld {
  readonly smsc = new FakeSmsc();
  readonly requests: AuthorizeRequest[] = [];
  verdict: (request: AuthorizeRequest) => AuthorizeReply | Promise<AuthorizeReply> = (request) => this.allowed(request);
  reveal: (permit: Permit) => Promise<string> = async ({ phoneRef }) => numberOf(phoneRef);
  /** The debtor's key is gone. */
  erased = false;
  private service!: ServiceWorld;
  private readonly past: EventEnvelope[] = [];
  private calls = 0;
  private died: () => void = () => undefined;
  private death = new Promise<void>(() => undefined);

  private constructor(private readonly options: SmsWorldOptions) {}

  static async of(options: SmsWorldOptions = {}): Promise<SmsWorld> {
    const world = new SmsWorld(options);
    world.service = await world.serviceOn({ at: local(0, '12:00'), stores: new Map() });
    return world;
  }

  /** Another process of the service at the same stores, at this instant. */
  beside(): Promise<ServiceWorld> {
    return this.serviceOn({ at: this.service.now, stores: this.service.stores });
  }

  private serviceOn(from: Pick<ServiceWorld, 'stores'> & { readonly at: string }): Promise<ServiceWorld> {
    const { simulated = { seed: '1', logPath: '/nowhere' }, smsc = () => this.smsc } = this.options;
    return serviceWorld({
      ...from,
      module: (platform) =>
        SmsTriggerModule.for(platform, {
          chance: { saltId: 's', salt: 'a salt for tests' },
          bankName: '某某银行',
          hotline: '400-000-0000',
          sender: '95500',
          gatewayId: 'smsc',
          simulated,
        }),
      wall: WALL,
      shards: SHARDS,
      policyText: (hash) => (hash === HASH ? STRATEGY_TEXT : undefined),
      ports: {
        guard: {
          authorize: async (request) => {
            this.requests.push(request);
            return this.verdict(request);
          },
        },
        intake: { reveal: (permit) => this.reveal(permit), unwrap: async () => (this.erased ? null : KEY) },
      },
      ...(smsc === null ? {} : { override: (testing) => testing.overrideProvider(SMSC).useFactory({ factory: smsc }) }),
    });
  }

  get events(): readonly EventEnvelope[] {
    return [...this.past, ...this.service.events];
  }

  get<T>(token: Type<T>): T {
    return this.service.get(token);
  }

  last<T>(type: string): T | undefined {
    return this.events.findLast((event) => event.type === type)?.data as T | undefined;
  }

  sent(): readonly (readonly [trigger: SmsTrigger, at: string])[] {
    return this.smsc.submissions.map(({ trigger, at }) => [trigger, at] as const);
  }

  onCommitted(listener: (events: readonly EventEnvelope[]) => void): void {
    this.service.core.writer.onCommitted(listener);
  }

  allowed({ contactId, debtorId, phoneRef }: AuthorizeRequest, of: Partial<Permit> = {}): AuthorizeReply {
    const permit: Permit = {
      contactId,
      debtorId,
      phoneRef,
      channel: 'sms',
      gatewayId: 'smsc',
      startNotAfter: new Date(WALL + 15_000).toISOString(),
      ringMaxSeconds: 0,
      endBy: new Date(Date.parse(this.service.now) + 600_000).toISOString(),
      keyId: 'g',
      signature: 's',
      ...of,
    };
    return { result: 'allowed', permit };
  }

  /** From here on whoever waits for this process waits in vain; {@link restart} follows. */
  kill(): Promise<never> {
    this.died();
    return new Promise(() => undefined);
  }

  async restart(): Promise<void> {
    this.past.push(...this.service.events);
    this.service = await this.service.restarted();
  }

  async stop(): Promise<void> {
    await this.service.stop();
  }

  /** Until then, or until the process is killed on the way. */
  async runUntil(at: string): Promise<void> {
    this.death = new Promise((resolve) => {
      this.died = resolve;
    });
    await Promise.race([this.service.moveTo(at > this.service.now ? at : this.service.now), this.death]);
  }

  /** A fact of another service, at an instant. */
  async tell(at: string, source: Source, type: string, data: object): Promise<void> {
    if (at > this.service.now) await this.runUntil(at);
    await this.given(told(source, type, data));
  }

  /** A fact that comes while an SMS is on its way, once it is noted. */
  async tellMeanwhile(source: Source, type: string, data: object): Promise<void> {
    const { subject, fact } = told(source, type, data);
    const known = this.service.events.length;
    await this.service.meanwhile(source, subject, fact);
    await waitFor(`${type} noted`, () => this.service.events.length > known, { everyMs: 1 });
  }

  /** A case that is open, tiered and treated from DPD 1 on. */
  async open(of: OpenCase = {}): Promise<void> {
    await this.runUntil(local(1, '05:50'));
    for (const one of openingFacts(of)) await this.given(one);
  }

  async call(at: string, of: object = {}, dialogue: Partial<DialogueResult> | null = null): Promise<void> {
    this.calls += 1;
    await this.runUntil(at);
    await this.given(callEnded(at, `attempt-${this.calls}`, of, dialogue));
  }

  async receipt(smsId: string, at: string, error: string | null = null): Promise<void> {
    await this.runUntil(at);
    const receipt = { kind: 'receipt', smsId, debtorId: DEBTOR, providerId: `p-${smsId}`, at } as const;
    await this.hear({ ...receipt, delivered: error === null, error: error ?? '' });
  }

  /** While an SMS is on its way: until an event of this type says that it was heard. */
  async hearMeanwhile(message: SmscMessage, type: string): Promise<void> {
    const count = () => this.service.events.filter((event) => event.type === type).length;
    const before = count();
    this.smsc.tell(message);
    await waitFor(`${type} heard`, () => count() > before, { everyMs: 1 });
  }

  async hear(message: SmscMessage): Promise<void> {
    this.smsc.tell(message);
    await this.service.settled();
  }

  private given({ source, subject, fact }: { source: Source; subject: string; fact: NewEvent }) {
    return this.service.given(source, subject, fact);
  }
}
