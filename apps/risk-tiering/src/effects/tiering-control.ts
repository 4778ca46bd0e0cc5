/** What people and installations command of tiering. */
import { shardOf } from '@mora/contracts';
import type { Clock } from '@mora/eventing';
import { CLOCK, EventCore } from '@mora/service';
import { Inject, Injectable } from '@nestjs/common';
import type { ControlCommand } from '../control/decisions.js';
import { controlCommand, TIERING_GROUND, type TieringGround, treatmentCommand } from '../reactions/commands.js';

@Injectable()
export class TieringControl {
  constructor(
    private readonly core: EventCore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TIERING_GROUND) private readonly ground: TieringGround,
  ) {}

  /**
   * Activates a published strategy in every shard, in one transaction. One whose content has not arrived yet is waited for.
   * @throws StrategyUnfit where it has one problem
   */
  async activate(hash: string, name: string, by: string): Promise<void> {
    this.ground.strategyOf(hash);
    await this.everywhere({ do: 'activate', hash, name, at: this.clock.now(), by });
  }

  /** The same for an installation that has none yet. @returns whether it had none */
  async activateFirst(hash: string, name: string, by: string): Promise<boolean> {
    this.ground.strategyOf(hash);
    const events = await this.everywhere({ do: 'activate', hash, name, at: this.clock.now(), by, onlyFirst: true });
    return events.length > 0;
  }

  /** Stops contacts in the given scope within a second; survives restarts. */
  async halt(command: Omit<Extract<ControlCommand, { do: 'halt' }>, 'do'>): Promise<void> {
    await this.everywhere({ do: 'halt', ...command });
  }

  /** @returns whether such a halt was in force. */
  async resume(command: Omit<Extract<ControlCommand, { do: 'resume' }>, 'do'>): Promise<boolean> {
    return (await this.everywhere({ do: 'resume', ...command })).length > 0;
  }

  async returnToRobot(input: {
    readonly caseId: string;
    readonly debtorId: string;
    readonly reason: string;
    readonly by: string;
  }): Promise<void> {
    const { caseId, debtorId, reason, by } = input;
    const shard = shardOf(debtorId, this.core.writer.shards);
    await this.core.execute(
      treatmentCommand(this.ground, { caseId, debtorId, shard }, { do: 'return-to-robot', reason, by }),
    );
  }

  private everywhere(todo: ControlCommand) {
    return this.core.writer.executeInEveryShard((shard) => controlCommand(shard, todo));
  }
}
