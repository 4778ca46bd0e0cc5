/** Bank input that could not be taken: kept sealed for a while, listed, shown, driven again. */
import { createHmac } from 'node:crypto';
import { uuidFromBytes } from '@mora/contracts';
import type { Secrets } from '@mora/keys';
import { openField, recordHashOf, sealField } from '@mora/keys';
import type { Problem, RawRecord } from '../bank-record/record.js';
import { PAYMENT_UNKNOWN } from '../case/decisions.js';
import type { ParkedFilter, ParkedInput, ParkedTable } from '../outbound/intake-tables.js';
import type { Inbound, Outcome } from './outcome.js';

export interface ShownParked extends Omit<ParkedInput, 'raw' | 'waitsFor'> {
  /** In the clear, for who may see it. */
  readonly raw: RawRecord;
}

export class ParkedNotFound extends Error {
  readonly code = 'PARKED_NOT_FOUND';
  constructor(readonly id: string) {
    super(`no parked input has the id ${id}; it may have expired`);
    this.name = 'ParkedNotFound';
  }
}

const LIFE_DAYS = 30;

export class ParkedInputs {
  constructor(
    private readonly table: ParkedTable,
    private readonly secrets: Pick<Secrets, 'intakeKey'>,
    private readonly wall: () => number,
    private readonly lifeDays = LIFE_DAYS,
  ) {}

  /** The same record of the same place is parked once. @returns ids in the order given */
  async park(
    refused: readonly { readonly input: Inbound; readonly problems: readonly Problem[] }[],
  ): Promise<readonly string[]> {
    const now = this.wall();
    const rows = refused.map(({ input, problems }): ParkedInput => {
      const id = this.idOf(input);
      return {
        id,
        channel: input.channel,
        problems,
        raw: sealField(this.key, placeOf(id), JSON.stringify(bounded(input.raw))),
        state: 'parked',
        receivedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + this.lifeDays * 86_400_000).toISOString(),
        waitsFor: isPaymentUnknown(problems)
          ? this.waitingKey(input.raw['account_id'], input.raw['reversal_of'])
          : null,
      };
    });
    await this.table.park(rows);
    return rows.map((row) => row.id);
  }

  async list(filter: ParkedFilter = {}): Promise<readonly Omit<ParkedInput, 'raw' | 'waitsFor'>[]> {
    return (await this.table.list(filter)).map(({ raw: _, waitsFor: __, ...row }) => row);
  }

  /** @throws ParkedNotFound */
  async show(id: string): Promise<ShownParked> {
    const row = await this.table.find(id);
    if (!row) throw new ParkedNotFound(id);
    const { waitsFor: _, ...shown } = row;
    return { ...shown, raw: this.opened(id, row.raw) };
  }

  /**
   * Sends it through the door again, with corrected fields where there are any; it stays parked until it is taken.
   * @param asIs its identifiers are right as they are, also where they look rounded
   * @throws ParkedNotFound
   */
  async redrive(
    id: string,
    corrected: RawRecord,
    submit: (inputs: readonly Inbound[], park: boolean) => Promise<readonly Outcome[]>,
    asIs = false,
  ): Promise<Outcome> {
    const { raw, channel, problems } = await this.show(id);
    const unread = 'row' in raw;
    if (unread && Object.keys(corrected).length === 0) return { result: 'parked', parkedId: id, problems };
    const [outcome] = await submit([{ channel, raw: unread ? corrected : { ...raw, ...corrected }, asIs }], false);
    if (outcome!.result === 'parked') return { ...outcome!, parkedId: id };
    await this.table.redriven(id);
    return outcome!;
  }

  /** Reversals that wait for one of these payments, as they came. */
  async waitingFor(
    payments: readonly { readonly accountId: string; readonly paymentId: string }[],
  ): Promise<readonly (Inbound & { readonly parkedId: string })[]> {
    const keys = payments.map(({ accountId, paymentId }) => this.waitingKey(accountId, paymentId));
    return (await this.table.waitingFor(keys)).map(({ id, channel, raw }) => ({
      channel,
      raw: this.opened(id, raw),
      parkedId: id,
    }));
  }

  async taken(id: string): Promise<void> {
    await this.table.redriven(id);
  }

  dropExpired(): Promise<number> {
    return this.table.dropExpired(new Date(this.wall()).toISOString());
  }

  private get key() {
    return { keyId: 'intake', key: this.secrets.intakeKey };
  }

  private opened(id: string, sealed: string): RawRecord {
    return JSON.parse(openField(this.key, placeOf(id), sealed)) as RawRecord;
  }

  private waitingKey(accountId = '', paymentId = ''): string {
    return recordHashOf(this.secrets.intakeKey, `waits|${accountId.trim()}|${paymentId.trim()}`);
  }

  private idOf({ channel, raw }: Inbound): string {
    const name = JSON.stringify([channel.kind, channel.name, channel.offset, Object.entries(raw).sort()]);
    return uuidFromBytes(createHmac('sha256', this.secrets.intakeKey).update(`parked|${name}`, 'utf8').digest());
  }
}

const MOST_CHARACTERS = 65_536;

/** What is larger is kept by its head, to be looked at; it is not driven again without all of its fields. */
const bounded = (raw: RawRecord): RawRecord => {
  const text = JSON.stringify(raw);
  return text.length <= MOST_CHARACTERS
    ? raw
    : { row: `${text.slice(0, MOST_CHARACTERS)} … of ${text.length} characters` };
};

/** Refused for nothing but that its payment has not come. */
export const isPaymentUnknown = (problems: readonly Problem[]): boolean =>
  problems.some(({ field, reason }) => field === 'reversal_of' && reason === PAYMENT_UNKNOWN);

const placeOf = (id: string) => ({ debtorId: '', stream: 'parked', field: id });
