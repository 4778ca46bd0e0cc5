/** `dialer` as a process of its own. */

import { chanceOfSalt, seededChance } from '@mora/keys';
import { bytes, runProcess, text } from '@mora/service';
import { strategyProvider } from '@mora/strategy';
import { dialerService } from './dialer.module.js';

await runProcess({
  name: 'dialer',
  settings: {
    bankName: text(),
    bankHotline: text(),
    gatewayId: text('gateway-1'),
    businessZone: text('Asia/Shanghai'),
  },
  secrets: { chanceSalt: bytes(32) },
  define: ({ config, secret, policyText }) => ({
    definitions: [
      dialerService({
        bank: { name: config.bankName, hotline: config.bankHotline },
        gatewayId: config.gatewayId,
        chance: secret(seededChance, ({ chanceSalt }) => chanceOfSalt(chanceSalt)),
        zone: config.businessZone,
        strategyOf: strategyProvider(policyText),
      }),
    ],
    followsPolicies: true,
  }),
});
