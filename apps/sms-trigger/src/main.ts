/** `sms-trigger` as a process of its own. */

import { chanceOfSalt, seededChance } from '@mora/keys';
import { bytes, oneOf, runProcess, text } from '@mora/service';
import { smsTriggerService } from './sms-trigger.module.js';

await runProcess({
  name: 'sms-trigger',
  needsSeed: true,
  settings: {
    smsAdapter: oneOf(['simulated'], 'simulated'),
    bankName: text(),
    bankHotline: text(),
    smsSender: text('999400'),
    smscId: text('smsc-1'),
    smscLog: text('smsc.ndjson'),
  },
  secrets: { chanceSalt: bytes(32) },
  define: ({ config, secret, process }) => ({
    definitions: [
      smsTriggerService({
        chance: secret(seededChance, ({ chanceSalt }) => chanceOfSalt(chanceSalt)),
        bankName: config.bankName,
        hotline: config.bankHotline,
        sender: config.smsSender,
        gatewayId: config.smscId,
        simulated: { seed: process.seed!, logPath: config.smscLog },
      }),
    ],
    followsPolicies: true,
  }),
});
