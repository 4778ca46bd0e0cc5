import { type RuleProfile, shippedProfile } from '@mora/contact-rules';
import { createPermitSigner, type PermitSigner, permitKeyOfSecret, seededPermitSecret } from '@mora/keys';
import { bytes, type Ground, text } from '@mora/service';

export interface GuardConfig {
  /** Active rule profiles: the strictest rule of all wins. */
  readonly profiles: readonly RuleProfile[];
  readonly signer: PermitSigner;
  /** Longest wait for the guard's own checkpoints to reach the sources' heads, wall milliseconds; default 2,000. */
  readonly staleWaitMs?: number;
}

/** Injection token of {@link GuardConfig}. */
export const GUARD_CONFIG = Symbol('GuardConfig');

export const settings = { ruleProfiles: text('cn-bank-creditcard') };
export const secrets = { permitKey: bytes(32) };

export const guardConfig = ({ config, secret }: Ground<typeof settings, typeof secrets>): GuardConfig => ({
  profiles: config.ruleProfiles.split(',').map((name) => shippedProfile(name.trim())),
  signer: createPermitSigner(permitKeyOfSecret(secret(seededPermitSecret, ({ permitKey }) => permitKey))),
});
