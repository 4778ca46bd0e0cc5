/** The installation's secrets: drawn once and kept, or, under the stepped clock, derived from the run's seed. */
import { createHmac, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

export interface Secrets {
  readonly masterKeyId: string;
  readonly masterKey: Uint8Array;
  /** Makes customer numbers and phone numbers into ids that nobody outside can compute. */
  readonly pepper: Uint8Array;
  /** Seals parked bank input. */
  readonly intakeKey: Uint8Array;
  /** A new debtor's data key. */
  newKey(debtorId: string): Uint8Array;
  /** Ciphertexts repeat with the run. */
  readonly repeatable: boolean;
}

const derive = (from: Uint8Array | string, purpose: string): Buffer =>
  createHmac('sha256', from).update(purpose, 'utf8').digest();

/** For simulated runs only: whoever knows the seed knows every key. */
export const seededSecrets = (seed: string): Secrets => {
  const root = derive('mora simulated run', seed);
  return {
    masterKeyId: `seed-${derive(root, 'name').toString('hex').slice(0, 8)}`,
    masterKey: derive(root, 'master'),
    pepper: derive(root, 'pepper'),
    intakeKey: derive(root, 'intake'),
    newKey: (debtorId) => derive(root, `debtor|${debtorId}`),
    repeatable: true,
  };
};

export const storedSecrets = (masterKey: Uint8Array, pepper: Uint8Array): Secrets => ({
  masterKeyId: derive(masterKey, 'name').toString('hex').slice(0, 12),
  masterKey,
  pepper,
  intakeKey: derive(masterKey, 'intake'),
  newKey: () => randomBytes(32),
  repeatable: false,
});

const keyFile = z.object({ masterKey: z.base64(), pepper: z.base64() });

export class KeyFileUnusable extends Error {
  readonly code = 'KEY_FILE_UNUSABLE';
  constructor(
    readonly path: string,
    problem: string,
  ) {
    super(`The key file ${path} ${problem}; without it nothing that was sealed can be read`);
    this.name = 'KeyFileUnusable';
  }
}

/** The file adapter: made at first use, readable by its owner only, never replaced. */
export const secretsFromFile = async (path: string): Promise<Secrets> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw new KeyFileUnusable(path, `cannot be read (${error.code ?? 'unknown error'})`);
    return null;
  });
  if (text === null) {
    await makeKeyFile(path);
    return secretsFromFile(path);
  }
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    throw new KeyFileUnusable(path, 'is not JSON');
  }
  const parsed = keyFile.safeParse(json);
  if (!parsed.success) throw new KeyFileUnusable(path, 'has no masterKey and pepper in base64');
  const [masterKey, pepper] = [parsed.data.masterKey, parsed.data.pepper].map((k) => Buffer.from(k, 'base64'));
  if (masterKey!.length !== 32 || pepper!.length < 32) throw new KeyFileUnusable(path, 'has keys of a wrong length');
  return storedSecrets(masterKey!, pepper!);
};

/** Written aside and linked into place: two processes at once agree on one file. */
const makeKeyFile = async (path: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const fresh = { masterKey: randomBytes(32).toString('base64'), pepper: randomBytes(32).toString('base64') };
  await writeFile(draft, `${JSON.stringify(fresh)}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(draft, 0o600);
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
};
