export * from './field-cipher.js';
export * from './permit.js';
export { type ChanceSalt, chanceOfSalt, seededChance, seededPermitSecret } from './seeded.js';
