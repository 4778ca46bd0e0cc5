/** Given events → when a command → then events: a treatment under the default package, every published event checked. */
import { fileURLToPath } from 'node:url';
import { type Disposition, type SpokenPromise, schemaOf } from '@mora/contracts';
import { type ChanceSource, readStrategyFolder, type Strategy } from '@mora/strategy';
import type { CallFacts } from '../treatment/calls.js';
import { decideTreatment, type TreatmentCommand } from '../treatment/decisions.js';
import { type Treatment, type TreatmentEvent, type TreatmentFacts, treatment } from '../treatment/treatment.js';

export const packageFolder = fileURLToPath(new URL('../../../../strategies/cn-early-delinquency/', import.meta.url));
const loaded = await readStrategyFolder(packageFolder);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1));
export const strategy: Strategy = loaded.strategy;
export const packageHash = loaded.hash;
export const chance: ChanceSource = { saltId: 'salt-1', salt: 'a salt for tests' };

export const CASE = '6a1e7f6e-5f0c-5b8e-9a44-111111111111';
export const DEBTOR = '1c1e7f6e-5f0c-5b8e-9a44-222222222222';

/** DPD 0 of every example is 2026-11-01, a Sunday. */
export const day = (dpd: number): string => `2026-11-${String(1 + dpd).padStart(2, '0')}`;
/** Local time in Shanghai on a day past due. */
export const on = (dpd: number, time: string): string => new Date(`${day(dpd)}T${time}:00.000+08:00`).toISOString();

export const facts = (of: Partial<TreatmentFacts> = {}): TreatmentFacts => ({
  accountId: 'A1',
  currency: 'CNY',
  unpaidMinimum: 50_000,
  minimumDue: 50_000,
  statementBalance: 500_000,
  creditLimit: 1_000_000,
  dueDate: day(0),
  graceDays: 3,
  tolerance: null,
  history: { recordedMonths: 6, delinquency: [], payments: [], earlierEpisodes: [], promises: [] },
  ...of,
});

export const spoken = (of: Partial<SpokenPromise> = {}): SpokenPromise => ({
  amount: 50_000,
  currency: 'CNY',
  date: day(3),
  kind: 'minimum',
  turn: 4,
  parserHash: 'parser',
  confidence: 0.9,
  ...of,
});

const TALKS: readonly Disposition[] = ['promised', 'part-promised', 'no-promise', 'refused', 'claims-paid', 'disputed'];

export const endedCall = (
  at: string,
  disposition: Disposition,
  of: Partial<CallFacts['call']> = {},
): CallFacts['call'] => {
  const talked = TALKS.includes(disposition);
  return {
    attemptId: 'attempt-1',
    originatedAt: at,
    endedAt: at,
    phoneRef: 'phone-one',
    voice: 'F1',
    script: 'l-first',
    windowId: 'W1',
    tier: 'L',
    disposition,
    connected: talked,
    rpc: talked,
    callbackAt: null,
    deferTo: null,
    ...of,
  };
};

export class Scenario {
  state: Treatment = treatment.initial;
  private version = 0;
  private calls = 0;
  private payments = 0;
  postedThrough: string | null = null;

  constructor(readonly ground: { readonly chance: ChanceSource } = { chance }) {}

  /** @returns the events of the decision, folded in; published ones satisfy their contract. */
  when(at: string, command: TreatmentCommand): readonly TreatmentEvent[] {
    const events = decideTreatment(command, this.state, {
      at,
      version: this.version,
      cause: 'intake/1/0/1',
      strategy,
      strategyHash: packageHash,
      postedThrough: this.postedThrough,
      chance: this.ground.chance,
    });
    for (const event of events) {
      schemaOf('tiering', event.type)?.parse(event.data);
      this.state = treatment.evolve(this.state, event, at);
      this.version += 1;
    }
    return events;
  }

  started(at: string, of: Partial<TreatmentFacts> = {}, debtorId = DEBTOR): readonly TreatmentEvent[] {
    return this.when(at, { do: 'start', caseId: CASE, debtorId, facts: facts(of) });
  }

  call(
    at: string,
    disposition: Disposition,
    of: Partial<Omit<CallFacts, 'call'>> & { readonly call?: Partial<CallFacts['call']> } = {},
  ): readonly TreatmentEvent[] {
    this.calls += 1;
    const { call, ...rest } = of;
    const own = { attemptId: `attempt-${this.calls}`, tier: this.state.tier ?? 'L', ...call };
    return this.when(at, {
      do: 'note-call',
      facts: { call: endedCall(at, disposition, own), promise: null, claimedPaidOn: null, stops: [], ...rest },
    });
  }

  paid(at: string, amount: number, unpaidMinimum: number): readonly TreatmentEvent[] {
    this.payments += 1;
    const payment = { key: `intake/1/0/${100 + this.payments}`, amount, valueDate: at.slice(0, 10) };
    return this.when(at, { do: 'note-payment', payment, unpaidMinimum });
  }

  /** Day plan at 06:00 of a day past due. */
  plan(dpd: number): readonly TreatmentEvent[] {
    return this.when(on(dpd, '06:00'), { do: 'plan-day' });
  }

  timer(name: string): string | undefined {
    return treatment.timersOf!(this.state).find((t) => t.name === name)?.dueAt;
  }
}

export const types = (events: readonly { readonly type: string }[]): readonly string[] => events.map((e) => e.type);

type Named<T extends TreatmentEvent['type']> = Extract<TreatmentEvent, { readonly type: T }>;

export const dataOf = <T extends TreatmentEvent['type']>(
  events: readonly TreatmentEvent[],
  type: T,
): Named<T>['data'] => {
  const found = events.find((e) => e.type === type);
  if (!found) throw new Error(`no ${type} among ${types(events).join(', ')}`);
  return found.data as unknown as Named<T>['data'];
};
