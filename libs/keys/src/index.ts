export * from './field-cipher.js';
export * from './names.js';
export * from './permit.js';
export { type Secrets, seededSecrets, storedSecrets } from './secrets.js';
export { type ChanceSalt, chanceOfSalt, seededChance, seededPermitSecret } from './seeded.js';
