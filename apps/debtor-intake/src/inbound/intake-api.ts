/** What other services may ask: keys, and a number against a permit. Fails closed. */
import type { IntakeApi, Permit } from '@mora/contracts';
import { CommandRefused, command } from '@mora/eventing';
import type { FieldKey } from '@mora/keys';
import { numberKeyOf } from '@mora/keys';
import { ActsOutside, EventCore, type Ports, type ServicePart, WALL } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import { INTAKE_CONFIG, type IntakeConfig } from '../config.js';
import { type Debtor, debtorRef } from '../debtor/debtor.js';
import { Keyring } from '../keys/keyring.js';
import { openNumber } from '../keys/sealed-debtor.js';

@ActsOutside()
@Injectable()
export class IntakePort implements IntakeApi, ServicePart {
  constructor(
    private readonly core: EventCore,
    private readonly keyring: Keyring,
    @Inject(INTAKE_CONFIG) private readonly config: Pick<IntakeConfig, 'secrets' | 'verifyPermit'>,
    @Inject(WALL) private readonly wall: () => number,
  ) {}

  offers(): Partial<Ports> {
    return { intake: this };
  }

  async reveal(permit: Permit): Promise<string> {
    const wallAt = new Date(this.wall()).toISOString();
    const problem = this.config.verifyPermit(permit, wallAt);
    if (problem !== null) throw new CommandRefused('PERMIT_INVALID', `the permit does not hold: ${problem}`);
    if (this.core.isClockOff)
      throw new CommandRefused('PERMIT_INVALID', 'the permit cannot be judged: the clock is off');
    if (!(wallAt <= permit.startNotAfter))
      throw new CommandRefused('PERMIT_INVALID', 'the permit does not hold: expired');
    const number = await this.numberOf(permit.debtorId, permit.phoneRef);
    if (number === null) throw new CommandRefused('NUMBER_UNKNOWN', 'the debtor has no such number');
    return number;
  }

  unwrap(debtorId: string): Promise<FieldKey | null> {
    return this.keyring.find(debtorId);
  }

  async numberKey(debtorId: string, phoneRef: string): Promise<string | null> {
    const number = await this.numberOf(debtorId, phoneRef);
    return number === null ? null : numberKeyOf(this.config.secrets.pepper, number);
  }

  private async numberOf(debtorId: string, phoneRef: string): Promise<string | null> {
    const key = await this.keyring.find(debtorId);
    if (!key) return null;
    const debtor = await this.debtorOf(debtorId);
    const phone = debtor.status === 'recorded' ? debtor.content.phones.find((p) => p.phoneRef === phoneRef) : undefined;
    return phone ? openNumber(debtorId, phone, key) : null;
  }

  private async debtorOf(debtorId: string): Promise<Debtor> {
    const asked = command({ name: 'ask', subject: debtorId, streams: [debtorRef(debtorId)], decide: () => [] });
    return (await this.core.execute(asked)).states[0] as Debtor;
  }
}
