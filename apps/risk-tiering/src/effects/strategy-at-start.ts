/** The strategy of an installation's folder: published at every start, activated where none is in force yet. */
import { businessDate } from '@mora/business-time';
import type { Clock } from '@mora/eventing';
import { ActsOutside, CLOCK, LOG, messageOf, type ServicePart } from '@mora/service';
import { calendarWarnings, describeProblem, readStrategyFolder } from '@mora/strategy';
import type { Log } from '@mora/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { TIERING_CONFIG, type TieringConfig } from '../config.js';
import { StrategyRefused } from '../errors.js';
import { Strategies } from './strategies.js';
import { TieringControl } from './tiering-control.js';

@ActsOutside()
@Injectable()
export class StrategyAtStart implements ServicePart {
  constructor(
    @Inject(TIERING_CONFIG) private readonly config: TieringConfig,
    private readonly strategies: Strategies,
    private readonly control: TieringControl,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** @throws StrategyRefused */
  async onActive(): Promise<void> {
    const { strategy: folder } = this.config;
    if (folder === null) return;
    const loaded = await readStrategyFolder(folder).catch((cause: unknown) => {
      throw new StrategyRefused(folder, [messageOf(cause)], { cause });
    });
    if (!loaded.ok) throw new StrategyRefused(folder, loaded.problems.map(describeProblem));
    const { name } = loaded.strategy.about;
    const hash = await this.strategies.publish(loaded.strategy, 'installation');
    const isFirst = await this.control.activateFirst(hash, name, 'installation');
    const { about, calendar } = loaded.strategy;
    for (const warning of calendarWarnings(calendar, businessDate(this.clock.now(), about.zone)))
      this.log.warn({ strategy: name, hash, warning }, 'the calendar of the strategy');
    this.log.info({ strategy: name, hash, activated: isFirst }, 'strategy published');
  }
}
