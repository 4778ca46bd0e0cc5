import { businessDate } from '@mora/business-time';
import { type ChanceSource, type Strategy } from '@mora/strategy';
import { type Treatment, type TreatmentEvent, treatment } from './treatment.js';

/** What a decision knows beside the treatment. */
export interface Ground {
  readonly at: string;
  readonly version: number;
  readonly cause: string;
  readonly strategy: Strategy;
  readonly strategyHash: string;
  readonly postedThrough: string | null;
  readonly chance: ChanceSource;
}

/** Decides step by step on the state that its own earlier events made. */
export class Steps {
  readonly events: TreatmentEvent[] = [];
  constructor(
    public state: Treatment,
    readonly ground: Ground,
  ) {}

  add(event: TreatmentEvent): void {
    this.events.push(event);
    this.state = treatment.evolve(this.state, event, this.ground.at);
  }

  get about() {
    const { caseId, debtorId, facts } = this.state;
    return { caseId, debtorId, accountId: facts?.accountId ?? '', strategyHash: this.ground.strategyHash };
  }

  get today(): string {
    return businessDate(this.ground.at, this.ground.strategy.about.zone);
  }
}
