/** `risk-tiering` as a process of its own, with the policies' source. */

import { chanceOfSalt, seededChance } from '@mora/keys';
import { bytes, runProcess, text } from '@mora/service';
import { describeProblem, readStrategyFolder } from '@mora/strategy';
import { policyService, riskTieringService } from './risk-tiering.module.js';
import { StrategyRefused } from './strategy-refused.js';

await runProcess({
  name: 'risk-tiering',
  also: ['policy'],
  settings: { strategy: text('') },
  secrets: { chanceSalt: bytes(32) },
  define: ({ config, secret }) => {
    const policy = policyService();
    const tiering = riskTieringService({ chance: secret(seededChance, ({ chanceSalt }) => chanceOfSalt(chanceSalt)) });
    return {
      definitions: [policy, tiering],
      followsPolicies: true,
      onActive: async (running) => {
        if (config.strategy === '') return;
        const loaded = await readStrategyFolder(config.strategy);
        if (!loaded.ok) throw new StrategyRefused(config.strategy, loaded.problems.map(describeProblem));
        const { name } = loaded.strategy.about;
        const hash = await running.parts(policy).api.publish(loaded.strategy, 'installation');
        const isFirst = await running.parts(tiering).api.activateFirst(hash, name, 'installation');
        running.log.info({ strategy: name, hash, activated: isFirst }, 'strategy published');
      },
    };
  },
});
