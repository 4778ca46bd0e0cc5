/** Bank input that could not be taken: kept sealed for a while, listed, shown, driven again. */
import { createHmac } from 'node:crypto';
import { uuidFromBytes } from '@mora/contracts';
import type { Secrets } from '@mora/keys';
import { openField, recordHashOf, sealField } from '@mora/keys';
import type { Problem, RawRecord } from '../bank-record/record.js';
import { PAYMENT_UNKNOWN } from '../case/decisions.js';
import type { ParkedFilter, ParkedInput, ParkedTable } from '../outbound/intake-tables.js';
import { cutProblems, type KeptRecord, keptOf, stillCut } from './kept-record.js';
import type { Inbound, Outcome } from './outcome.js';

export type ListedParked = Omit<ParkedInput, 'raw' | 'eventKey' | 'waitsFor'>;

export interface ParkedList {
  readonly inputs: readonly ListedParked[];
  /** How many the filter finds, whatever the limit. */
  readonly total: number;
}

export interface ShownParked extends ListedParked {
  /** In the clear, for who may see it. */
  readonly raw: RawRecord;
  /** Fields of which only the beginning is kept. */
  readonly cut: readonly string[];
}

/** Which of the parked inputs are driven again, and after which of them this piece begins. */
export interface RedriveMany extends Pick<ParkedFilter, 'reason' | 'file' | 'after'> {
  readonly asIs?: boolean | undefined;
}

export interface RedrivenMany {
  readonly tried: number;
  readonly accepted: number;
  readonly superseded: number;
  readonly duplicates: number;
  readonly parked: number;
  /** The last that was tried; null: there are no more. */
  readonly next: string | null;
}

/** The door, for what was parked. */
export type Resubmit = (inputs: readonly Inbound[], park: boolean) => Promise<readonly Outcome[]>;

export class ParkedNotFound extends Error {
  readonly code = 'PARKED_NOT_FOUND';
  constructor(readonly id: string) {
    super(`no parked input has the id ${id}; it may have expired`);
    this.name = 'ParkedNotFound';
  }
}

const LIFE_DAYS = 30;
/** Inputs that one call drives again. */
const PIECE = 200;

export class ParkedInputs {
  constructor(
    private readonly table: ParkedTable,
    private readonly secrets: Pick<Secrets, 'intakeKey'>,
    private readonly wall: () => number,
    private readonly lifeDays = LIFE_DAYS,
  ) {}

  /** The same record of the same place is parked once, for what was found last. @returns ids in the order given */
  async park(
    refused: readonly { readonly input: Inbound; readonly problems: readonly Problem[] }[],
  ): Promise<readonly string[]> {
    const now = this.wall();
    const rows = refused.map(({ input, problems }): ParkedInput => {
      const id = this.idOf(input);
      const kept = keptOf(input.raw);
      return {
        id,
        channel: input.channel,
        problems: [...problems, ...cutProblems(input.raw, kept)],
        raw: sealField(this.key, placeOf(id), JSON.stringify(kept)),
        eventKey: isClosedByItsId(problems) ? this.eventKeyOf(input.raw) : null,
        state: 'parked',
        receivedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + this.lifeDays * 86_400_000).toISOString(),
        waitsFor: this.waitsFor(input.raw, problems),
      };
    });
    await this.table.park(rows);
    return rows.map((row) => row.id);
  }

  /** What was parked under the bank event ids of these records is closed: they were taken. */
  async replacedBy(taken: readonly Inbound[]): Promise<void> {
    const keys = taken.flatMap(({ raw }) => this.eventKeyOf(raw) ?? []);
    if (keys.length > 0) await this.table.replaced(keys);
  }

  async list(filter: ParkedFilter = {}): Promise<readonly ListedParked[]> {
    return (await this.table.list(filter)).map(listed);
  }

  async page(filter: ParkedFilter): Promise<ParkedList> {
    const [inputs, total] = await Promise.all([this.list(filter), this.table.count(filter)]);
    return { inputs, total };
  }

  /** @throws ParkedNotFound */
  async show(id: string): Promise<ShownParked> {
    const row = await this.table.find(id);
    if (!row) throw new ParkedNotFound(id);
    const { fields, cut } = this.opened(row);
    return { ...listed(row), raw: fields, cut };
  }

  /**
   * Sends it through the door again, with corrected fields where there are any; it stays parked until it is taken.
   * @param asIs its ids are right as they are, also where they look rounded
   * @throws ParkedNotFound
   */
  async redrive(id: string, corrected: RawRecord, submit: Resubmit, asIs = false): Promise<Outcome> {
    const row = await this.table.find(id);
    if (!row) throw new ParkedNotFound(id);
    const { outcome } = (await this.drive([row], corrected, submit, asIs))[0]!;
    return outcome;
  }

  /** Drives the next of those that the filter finds, as they are; the caller goes on after `next`. */
  async redriveMany({ asIs = false, ...filter }: RedriveMany, submit: Resubmit): Promise<RedrivenMany> {
    const rows = await this.table.list({ ...filter, state: 'parked', limit: PIECE });
    const driven = await this.drive(rows, {}, submit, asIs);
    const count = (result: Outcome['result']) => driven.filter(({ outcome }) => outcome.result === result).length;
    return {
      tried: rows.length,
      accepted: count('accepted'),
      superseded: count('superseded'),
      duplicates: count('duplicate'),
      parked: count('parked'),
      next: rows.length < PIECE ? null : rows.at(-1)!.id,
    };
  }

  /** Reversals that wait for one of these payments, as they came. */
  async waitingFor(
    payments: readonly { readonly accountId: string; readonly paymentId: string }[],
  ): Promise<readonly (Inbound & { readonly parkedId: string })[]> {
    const keys = payments.map(({ accountId, paymentId }) => this.waitingKey(accountId, paymentId));
    return (await this.table.waitingFor(keys)).flatMap((row) => {
      const { fields, cut } = this.opened(row);
      return cut.length > 0 ? [] : [{ channel: row.channel, raw: fields, parkedId: row.id }];
    });
  }

  async taken(id: string): Promise<void> {
    await this.table.redriven([id]);
  }

  dropExpired(): Promise<number> {
    return this.table.dropExpired(new Date(this.wall()).toISOString());
  }

  private async drive(
    rows: readonly ParkedInput[],
    corrected: RawRecord,
    submit: Resubmit,
    asIs: boolean,
  ): Promise<readonly { readonly row: ParkedInput; readonly outcome: Outcome }[]> {
    const tries = rows.map((row) => ({ row, ready: readied(row, this.opened(row), corrected) }));
    const inputs = tries.flatMap(({ row, ready }) =>
      ready.raw === null ? [] : [{ channel: row.channel, raw: ready.raw, ...(asIs ? { asIs } : {}) }],
    );
    const outcomes = inputs.length === 0 ? [] : [...(await submit(inputs, false))];
    const driven = tries.map(({ row, ready }) => {
      const outcome = ready.raw === null ? parkedStill(row, ready.problems) : outcomes.shift()!;
      return { row, outcome: outcome.result === 'parked' ? parkedStill(row, outcome.problems) : outcome };
    });
    const taken = driven.filter(({ outcome }) => outcome.result !== 'parked').map(({ row }) => row.id);
    if (Object.keys(corrected).length === 0) await this.notePresentReasons(driven);
    if (taken.length > 0) await this.table.redriven(taken);
    return driven;
  }

  /** What stays parked as it is, stays for what is wrong with it now: that may be what it waits for. */
  private async notePresentReasons(
    driven: readonly { readonly row: ParkedInput; readonly outcome: Outcome }[],
  ): Promise<void> {
    const rows = driven.flatMap(({ row, outcome }) => {
      if (outcome.result !== 'parked' || outcome.problems.length === 0) return [];
      const { fields } = this.opened(row);
      return [{ ...row, problems: outcome.problems, waitsFor: this.waitsFor(fields, outcome.problems) }];
    });
    await this.table.park(rows);
  }

  private waitsFor(raw: RawRecord, problems: readonly Problem[]): string | null {
    return isPaymentUnknown(problems) ? this.waitingKey(raw['account_id'], raw['reversal_of']) : null;
  }

  private opened({ id, raw }: ParkedInput): KeptRecord {
    return JSON.parse(openField(this.key, placeOf(id), raw)) as KeptRecord;
  }

  private get key() {
    return { keyId: 'intake', key: this.secrets.intakeKey };
  }

  private waitingKey(accountId = '', paymentId = ''): string {
    return recordHashOf(this.secrets.intakeKey, `waits|${accountId.trim()}|${paymentId.trim()}`);
  }

  private idOf({ channel, raw }: Inbound): string {
    const name = JSON.stringify([channel.kind, channel.name, channel.offset, Object.entries(raw).sort()]);
    return uuidFromBytes(createHmac('sha256', this.secrets.intakeKey).update(`parked|${name}`, 'utf8').digest());
  }

  /** Keyed: of a row with shifted columns it may be anybody's number. */
  private eventKeyOf(raw: RawRecord): string | null {
    const id = raw['bank_event_id']?.trim() ?? '';
    if (id === '') return null;
    return createHmac('sha256', this.secrets.intakeKey).update(`parked-event|${id}`, 'utf8').digest('base64url');
  }
}

const listed = ({ raw: _, eventKey: __, waitsFor: ___, ...row }: ParkedInput): ListedParked => row;

/** Refused for nothing but that its payment has not come. */
export const isPaymentUnknown = (problems: readonly Problem[]): boolean =>
  problems.some(({ field, reason }) => field === 'reversal_of' && reason === PAYMENT_UNKNOWN);

const placeOf = (id: string) => ({ debtorId: '', stream: 'parked', field: id });

/** Where the id itself is the trouble, another record that has it replaces nothing. */
const isClosedByItsId = (problems: readonly Problem[]): boolean =>
  !problems.some(({ field }) => field === 'bank_event_id');

const parkedStill = ({ id }: ParkedInput, problems: readonly Problem[]): Outcome => ({
  result: 'parked',
  parkedId: id,
  problems,
});

/** What goes through the door again; null: it cannot, for these problems. */
const readied = (
  row: ParkedInput,
  kept: KeptRecord,
  corrected: RawRecord,
): { readonly raw: RawRecord | null; readonly problems: readonly Problem[] } => {
  const isCorrected = Object.keys(corrected).length > 0;
  if ('row' in kept.fields) return { raw: isCorrected ? corrected : null, problems: row.problems };
  const problems = stillCut(kept, corrected);
  return { raw: problems.length > 0 ? null : { ...kept.fields, ...corrected }, problems };
};
