/** Secrets of a simulated run, derived from its seed: the same in one process and in eight. Whoever knows the seed knows them. */
import { createHash, createHmac } from 'node:crypto';

const seededSecret = (seed: string, purpose: string): Buffer =>
  createHmac('sha256', `mora|${seed}`).update(purpose).digest();

/** 32 bytes from which the guard's key is made. */
export const seededPermitSecret = (seed: string): Buffer => seededSecret(seed, 'permit');

/** Salt of seeded chance, and its name in events. */
export interface ChanceSalt {
  readonly saltId: string;
  readonly salt: string;
}

export const seededChance = (seed: string): ChanceSalt => ({
  saltId: `seed-${seed}`,
  salt: seededSecret(seed, 'chance').toString('hex'),
});

/** An installation's own salt; its name tells nothing of it. */
export const chanceOfSalt = (salt: Uint8Array): ChanceSalt => ({
  saltId: createHash('sha256').update('salt name').update(salt).digest('hex').slice(0, 12),
  salt: Buffer.from(salt).toString('hex'),
});
