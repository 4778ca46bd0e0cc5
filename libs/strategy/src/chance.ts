import { createHmac } from 'node:crypto';
import type { Chance } from '@mora/contracts';

/**
 * Seeded chance: the first 52 bits of HMAC-SHA-256(salt, `unitId|purpose`) as a number in [0, 1). Persisted by its
 * result: the same salt, unit and purpose give the same draw for ever.
 */
export const drawChance = (salt: string, saltId: string, unitId: string, purpose: string): Chance => {
  const mac = createHmac('sha256', salt).update(`${unitId}|${purpose}`, 'utf8').digest();
  const high = mac.readUIntBE(0, 6) * 16 + (mac[6]! >> 4);
  return { saltId, unitId, purpose, draw: high / 2 ** 52 };
};

/** Index in a list of `length` chosen uniformly by a draw. */
export const pick = (chance: Chance, length: number): number => Math.min(length - 1, Math.floor(chance.draw * length));
