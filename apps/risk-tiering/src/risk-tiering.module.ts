import { shardOf } from '@mora/contracts';
import type { ServiceCore, ServiceDefinition, ServiceParts } from '@mora/service';
import {
  type ChanceSource,
  canonicalForm,
  type Strategy,
  splitBlobs,
  strategyHash,
  strategyProvider,
} from '@mora/strategy';
import type { ControlCommand } from './control/decisions.js';
import { publishPolicy } from './policy/policy.js';
import { controlCommand, timerCommand, treatmentCommand } from './reactions/commands.js';
import { tieringProcessor } from './reactions/on-facts.js';

export interface TieringConfig {
  readonly chance: ChanceSource;
}

export interface TieringApi {
  /** Activates a published strategy in every shard, in one transaction. */
  activate(hash: string, name: string, by: string): Promise<void>;
  /** The same for an installation that has none yet. @returns whether it had none */
  activateFirst(hash: string, name: string, by: string): Promise<boolean>;
  /** Stops contacts in the given scope within a second; survives restarts. */
  halt(command: Omit<Extract<ControlCommand, { do: 'halt' }>, 'do'>): Promise<void>;
  /** @returns whether such a halt was in force. */
  resume(command: Omit<Extract<ControlCommand, { do: 'resume' }>, 'do'>): Promise<boolean>;
  returnToRobot(input: {
    readonly caseId: string;
    readonly debtorId: string;
    readonly reason: string;
    readonly by: string;
  }): Promise<void>;
}

export const riskTieringService = (
  config: TieringConfig,
): ServiceDefinition<ServiceParts & { readonly api: TieringApi }> => ({
  name: 'risk-tiering',
  source: 'tiering',
  migrations: [],
  open: (core: ServiceCore) => {
    const ground = { strategyOf: strategyProvider((hash) => core.platform.policyText(hash)), chance: config.chance };
    const everywhere = (todo: ControlCommand) =>
      core.writer.executeInEveryShard((shard) => controlCommand(shard, todo));
    return {
      processors: [tieringProcessor(ground)],
      onTimer: (timer) => [timerCommand(ground, timer)],
      api: {
        activate: async (hash, name, by) => {
          await everywhere({ do: 'activate', hash, name, at: core.clock.now(), by });
        },
        activateFirst: async (hash, name, by) =>
          (await everywhere({ do: 'activate', hash, name, at: core.clock.now(), by, onlyFirst: true })).length > 0,
        halt: async (halt) => {
          await everywhere({ do: 'halt', ...halt });
        },
        resume: async (resume) => (await everywhere({ do: 'resume', ...resume })).length > 0,
        returnToRobot: async ({ caseId, debtorId, reason, by }) => {
          const shard = shardOf(debtorId, core.writer.shards);
          await core.writer.execute(
            treatmentCommand(ground, { caseId, debtorId, shard }, { do: 'return-to-robot', reason, by }),
          );
        },
      },
    };
  },
});

export interface PolicyApi {
  /** @returns the strategy's hash. */
  publish(strategy: Strategy, by: string): Promise<string>;
}

/** The one-shard source of policy content. */
export const policyService = (): ServiceDefinition<ServiceParts & { readonly api: PolicyApi }> => ({
  name: 'policy',
  source: 'policy',
  shards: 1,
  migrations: [],
  open: (core) => ({
    api: {
      publish: async (strategy, by) => {
        const hash = strategyHash(strategy);
        const blobs = splitBlobs(canonicalForm(strategy));
        await core.writer.execute(publishPolicy({ kind: 'strategy', hash, name: strategy.about.name, blobs, by }));
        return hash;
      },
    },
  }),
});
