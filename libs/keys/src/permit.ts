/**
 * The guard's signed permission. Intake and gateway verify it offline, with the guard's public key: Ed25519 over the
 * canonical JSON of all fields but `signature`.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalHash, canonicalJson } from '@mora/contact-rules';
import { type Permit, permit as permitSchema } from '@mora/contracts';
import { seededPermitSecret } from './seeded.js';

/** Longest life of a permit, in wall time. */
export const MAX_PERMIT_LIFE_MS = 15_000;
/** How far two machines' clocks may differ before a permit looks too long. */
const MAX_SKEW_MS = 5_000;

export type UnsignedPermit = Omit<Permit, 'signature' | 'keyId'>;

/** The bytes that are signed. */
export const permitBytes = (permit: Omit<Permit, 'signature'>): Uint8Array => {
  const { contactId, debtorId, phoneRef, channel, gatewayId, startNotAfter, ringMaxSeconds, endBy, keyId } = permit;
  const signed = { contactId, debtorId, phoneRef, channel, gatewayId, startNotAfter, ringMaxSeconds, endBy, keyId };
  return Buffer.from(canonicalJson(signed), 'utf8');
};

/** SHA-256 of the whole permit, for `LegAccepted.permitHash`. */
export const permitHash = (permit: Permit): string => canonicalHash(permit);

/** Names a public key: the first 16 hex digits of the SHA-256 of its SPKI form. */
export const permitKeyId = (publicKey: KeyObject): string => {
  const known = keyIds.get(publicKey);
  if (known !== undefined) return known;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(spki).digest('hex').slice(0, 16);
  keyIds.set(publicKey, id);
  return id;
};

const keyIds = new WeakMap<KeyObject, string>();

const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The private key of a 32-byte secret: the same secret gives the same key. @throws RangeError for another length. */
export const permitKeyOfSecret = (secret: Uint8Array): KeyObject => {
  if (secret.length !== 32) throw new RangeError(`the permit secret must have 32 bytes, got ${secret.length}`);
  return createPrivateKey({ key: Buffer.concat([ED25519_PKCS8, secret]), format: 'der', type: 'pkcs8' });
};

/** The public half that intake and gateway need. */
export const permitPublicKey = (privateKey: KeyObject): KeyObject => createPublicKey(privateKey);

/** The public half from its 32 raw bytes, as it is handed to intake and gateway. */
export const permitPublicKeyOfBytes = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') }, format: 'jwk' });

export interface PermitSigner {
  readonly keyId: string;
  readonly publicKey: KeyObject;
  /** The same fields give the same signature. */
  sign(permit: UnsignedPermit): Permit;
}

/** @throws RangeError when the key is not Ed25519. */
export const createPermitSigner = (privateKey: KeyObject): PermitSigner => {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new RangeError('the permit key must be an Ed25519 private key');
  const publicKey = permitPublicKey(privateKey);
  const keyId = permitKeyId(publicKey);
  return {
    keyId,
    publicKey,
    sign: (permit) => {
      const named = { ...permit, keyId };
      return { ...named, signature: sign(null, permitBytes(named), privateKey).toString('base64') };
    },
  };
};

/** What the verifier is about to do; each field given must be the permit's. */
export interface PermitUse {
  readonly contactId?: string;
  readonly debtorId?: string;
  readonly phoneRef?: string;
  readonly channel?: Permit['channel'];
  readonly gatewayId?: string;
  /** Business time; the contact must be able to begin before `endBy`. */
  readonly businessNow?: string;
}

export type PermitProblem =
  | 'malformed'
  | 'unknown-key'
  | 'bad-signature'
  | 'expired'
  | 'too-long'
  | 'past-end'
  | 'other-contact'
  | 'other-debtor'
  | 'other-number'
  | 'other-channel'
  | 'other-gateway';

export type PermitCheck = { readonly ok: true } | { readonly ok: false; readonly problem: PermitProblem };

const signatureHolds = (permit: Permit, publicKey: KeyObject): boolean => {
  try {
    return verify(null, permitBytes(permit), publicKey, Buffer.from(permit.signature, 'base64'));
  } catch {
    return false;
  }
};

const mismatch = (permit: Permit, use: PermitUse): PermitProblem | null => {
  if (use.contactId !== undefined && use.contactId !== permit.contactId) return 'other-contact';
  if (use.debtorId !== undefined && use.debtorId !== permit.debtorId) return 'other-debtor';
  if (use.phoneRef !== undefined && use.phoneRef !== permit.phoneRef) return 'other-number';
  if (use.channel !== undefined && use.channel !== permit.channel) return 'other-channel';
  if (use.gatewayId !== undefined && use.gatewayId !== permit.gatewayId) return 'other-gateway';
  return null;
};

/**
 * Whether a contact may begin under a permit. Fails closed and never throws.
 * @param wallNow wall time in milliseconds
 */
export const verifyPermit = (
  permit: Permit,
  publicKey: KeyObject,
  wallNow: number,
  use: PermitUse = {},
): PermitCheck => {
  const problem = ((): PermitProblem | null => {
    if (!permitSchema.safeParse(permit).success) return 'malformed';
    if (permit.keyId !== permitKeyId(publicKey)) return 'unknown-key';
    if (!signatureHolds(permit, publicKey)) return 'bad-signature';
    const left = Date.parse(permit.startNotAfter) - wallNow;
    if (!(left >= 0)) return 'expired';
    if (left > MAX_PERMIT_LIFE_MS + MAX_SKEW_MS) return 'too-long';
    if (use.businessNow !== undefined && use.businessNow >= permit.endBy) return 'past-end';
    return mismatch(permit, use);
  })();
  return problem === null ? { ok: true } : { ok: false, problem };
};

/** @returns why the permit does not hold at this wall instant; null: it holds. */
export type VerifyPermit = (permit: Permit, wallAt: string) => string | null;

export const permitVerifier =
  (publicKey: KeyObject): VerifyPermit =>
  (permit, wallAt) => {
    const result = verifyPermit(permit, publicKey, Date.parse(wallAt));
    return result.ok ? null : result.problem;
  };

/** The guard's public key of a simulated installation. */
export const seededPermitPublicKey = (seed: string): KeyObject =>
  permitPublicKey(permitKeyOfSecret(seededPermitSecret(seed)));
