/** Bank input that could not be taken: kept sealed for a while, listed, shown, driven again. */
import { createHmac } from 'node:crypto';
import { uuidFromBytes } from '@mora/contracts';
import type { Secrets } from '@mora/keys';
import { openField, sealField } from '@mora/keys';
import type { Problem, RawRecord } from '../bank-record/record.js';
import type { ParkedFilter, ParkedInput, ParkedTable } from '../outbound/intake-tables.js';
import type { Inbound, Outcome } from './outcome.js';

export interface ShownParked extends Omit<ParkedInput, 'raw'> {
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
        raw: sealField(this.key, placeOf(id), JSON.stringify(input.raw)),
        state: 'parked',
        receivedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + this.lifeDays * 86_400_000).toISOString(),
      };
    });
    await this.table.park(rows);
    return rows.map((row) => row.id);
  }

  async list(filter: ParkedFilter = {}): Promise<readonly Omit<ParkedInput, 'raw'>[]> {
    return (await this.table.list(filter)).map(({ raw: _, ...row }) => row);
  }

  /** @throws ParkedNotFound */
  async show(id: string): Promise<ShownParked> {
    const row = await this.table.find(id);
    if (!row) throw new ParkedNotFound(id);
    return { ...row, raw: JSON.parse(openField(this.key, placeOf(id), row.raw)) as RawRecord };
  }

  /**
   * Sends it through the door again, with corrected fields where there are any; it stays parked until it is taken.
   * @throws ParkedNotFound
   */
  async redrive(
    id: string,
    corrected: RawRecord,
    submit: (inputs: readonly Inbound[], park: boolean) => Promise<readonly Outcome[]>,
  ): Promise<Outcome> {
    const { raw, channel, problems } = await this.show(id);
    const unread = 'row' in raw;
    if (unread && Object.keys(corrected).length === 0) return { result: 'parked', parkedId: id, problems };
    const [outcome] = await submit([{ channel, raw: unread ? corrected : { ...raw, ...corrected } }], false);
    if (outcome!.result === 'parked') return { ...outcome!, parkedId: id };
    await this.table.redriven(id);
    return outcome!;
  }

  dropExpired(): Promise<number> {
    return this.table.dropExpired(new Date(this.wall()).toISOString());
  }

  private get key() {
    return { keyId: 'intake', key: this.secrets.intakeKey };
  }

  private idOf({ channel, raw }: Inbound): string {
    const name = JSON.stringify([channel.kind, channel.name, channel.offset, Object.entries(raw).sort()]);
    return uuidFromBytes(createHmac('sha256', this.secrets.intakeKey).update(`parked|${name}`, 'utf8').digest());
  }
}

const placeOf = (id: string) => ({ debtorId: '', stream: 'parked', field: id });
