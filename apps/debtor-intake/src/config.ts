import {
  permitPublicKeyOfBytes,
  permitVerifier,
  type Secrets,
  seededPermitPublicKey,
  seededSecrets,
  storedSecrets,
  type VerifyPermit,
} from '@mora/keys';
import { bytes, type Ground, isLoopback, text } from '@mora/service';
import type { KafkaConfig } from 'kafkajs';
import type { Kms } from './keys/kms.js';

export interface IntakeConfig {
  readonly secrets: Secrets;
  /** Default: the master key of `secrets`, held here. */
  readonly kms?: Kms;
  readonly verifyPermit: VerifyPermit;
  /** Default 30. */
  readonly parkedLifeDays?: number;
  /** How long a database that does not answer is waited for, in wall time. */
  readonly patienceMs?: number;
  /** Whoever asks over gRPC may have files of this machine read: default not. */
  readonly readsFiles?: boolean;
  /** Doors whose sources declare their identifiers exact: digits that look rounded are taken. */
  readonly exactIds?: readonly string[];
  /** The bank's topics; null: none are read. */
  readonly bankTopics?: BankTopicsConfig | null;
}

export interface BankTopicsConfig {
  readonly kafka: Pick<KafkaConfig, 'brokers' | 'clientId' | 'ssl' | 'sasl'>;
  readonly topics: readonly string[];
}

/** Injection token of {@link IntakeConfig}. */
export const INTAKE_CONFIG = Symbol('IntakeConfig');

export const settings = { bankTopics: text('bank.overdue.v1,bank.payments.v1'), exactIds: text('none') };
export const secrets = { masterKey: bytes(32), pepper: bytes(32), permitPublicKey: bytes(32) };

/** kafkajs tells the mechanisms of a login apart. */
type Login = Pick<KafkaConfig, 'ssl' | 'sasl'>;

export const intakeConfig = ({ config, process, secret }: Ground<typeof settings, typeof secrets>): IntakeConfig => ({
  secrets: secret(seededSecrets, ({ masterKey, pepper }) => storedSecrets(masterKey, pepper)),
  verifyPermit: permitVerifier(
    secret(seededPermitPublicKey, ({ permitPublicKey }) => permitPublicKeyOfBytes(permitPublicKey)),
  ),
  readsFiles: isLoopback(process.grpc.host),
  exactIds: config.exactIds.split(',').map((kind) => kind.trim()),
  bankTopics:
    config.bankTopics === 'off'
      ? null
      : {
          kafka: {
            ...(process.kafka as Login),
            brokers: [...process.kafka.brokers],
            clientId: 'mora-debtor-intake',
          },
          topics: config.bankTopics.split(',').map((topic) => topic.trim()),
        },
});
