/** Answers a question: by the running process if there is one, else by opening the installation, standing still, for it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, runningAt } from './control.js';
import { UsageError } from './errors.js';
import { methodsOf } from './methods.js';
import type { EmbeddedOptions } from './mora.js';

export const ask = async (
  dataDir: string,
  method: string,
  input: Readonly<Record<string, unknown>>,
  options: Pick<EmbeddedOptions, 'fault'> = {},
): Promise<unknown> => {
  const call: Call | null = await runningAt(dataDir);
  if (call) return call(method, input);
  if (method === 'stop') return { stopping: false, because: 'nothing runs on this data directory' };
  if (!existsSync(join(dataDir, 'postgres')))
    throw new UsageError(`there is no installation in ${dataDir}: "npm start" makes one, --data names another`);
  // Loaded only for a question that no running process answers: it is every service.
  const { startEmbedded } = await import('./embedded.js');
  const mora = await startEmbedded({
    dataDir,
    wanted: {},
    maxSpeed: null,
    httpPort: null,
    grpcPort: null,
    note: () => undefined,
    ...options,
  });
  try {
    const known = methodsOf(mora, () => undefined)[method];
    if (!known) throw new UsageError(`no such question: ${method}`);
    return await known(input);
  } finally {
    await mora.stop();
  }
};
