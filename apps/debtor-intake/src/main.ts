/** `debtor-intake` as a process of its own. */

import { addService, intakeV1 } from '@mora/grpc';
import {
  permitKeyOfSecret,
  permitPublicKey,
  permitPublicKeyOfBytes,
  seededPermitSecret,
  verifyPermit,
} from '@mora/keys';
import { bytes, runProcess, text, whileOpen } from '@mora/service';
import type { KafkaConfig } from 'kafkajs';
import { debtorIntakeService } from './debtor-intake.module.js';
import { bankTopicsLoop } from './inbound/bank-topics/bank-topics.js';
import { seededSecrets, storedSecrets } from './keys/secrets.js';

/** kafkajs tells the mechanisms of a login apart. */
type Login = Pick<KafkaConfig, 'ssl' | 'sasl'>;

await runProcess({
  name: 'debtor-intake',
  active: 'all',
  settings: { bankTopics: text('bank.overdue.v1,bank.payments.v1') },
  secrets: { masterKey: bytes(32), pepper: bytes(32), permitPublicKey: bytes(32) },
  define: ({ config, secret, process }) => {
    const key = secret(
      (seed) => permitPublicKey(permitKeyOfSecret(seededPermitSecret(seed))),
      (given) => permitPublicKeyOfBytes(given.permitPublicKey),
    );
    const intake = debtorIntakeService({
      secrets: secret(seededSecrets, ({ masterKey, pepper }) => storedSecrets(masterKey, pepper)),
      verifyPermit: (permit, wallAt) => {
        const result = verifyPermit(permit, key, Date.parse(wallAt));
        return result.ok ? null : result.problem;
      },
    });
    const topics = config.bankTopics === 'off' ? [] : config.bankTopics.split(',').map((topic) => topic.trim());
    return {
      definitions: [intake],
      serve: (server, running) =>
        addService(
          server,
          intakeV1.IntakeService,
          whileOpen(running.parts(intake).api.grpc, () => running.isOpen(), 'debtor-intake'),
          {
            onError: (error, method) => running.log.error({ method, error }, 'a call failed'),
            trace: running.trace,
          },
        ),
      loops: (running) =>
        topics.length === 0
          ? []
          : [
              bankTopicsLoop({
                kafka: {
                  ...(process.kafka as Login),
                  brokers: [...process.kafka.brokers],
                  clientId: 'mora-debtor-intake',
                },
                topics,
                intake: running.parts(intake).api.topics,
                pool: running.pool('debtor-intake'),
                activity: running.activity,
                log: running.log,
              }),
            ],
    };
  },
});
