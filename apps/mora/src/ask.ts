/** Asks: the running process if there is one, else the installation, opened for it and standing still. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, runningAt } from './control.js';
import { UsageError } from './errors.js';
import { methodsOf } from './methods.js';
import type { EmbeddedOptions } from './mora.js';

type AskOptions = Pick<EmbeddedOptions, 'fault'>;

export const ask = async (
  dataDir: string,
  method: string,
  input: Readonly<Record<string, unknown>>,
  options: AskOptions = {},
): Promise<unknown> => {
  if (method === 'stop' && (await runningAt(dataDir)) === null)
    return { stopping: false, because: 'nothing runs on this data directory' };
  return converse(dataDir, (call) => call(method, input), options);
};

/** Several questions, one after the other, of one installation that stays open for all of them. */
export const converse = async <T>(
  dataDir: string,
  work: (call: Call) => Promise<T>,
  options: AskOptions = {},
): Promise<T> => {
  const running = await runningAt(dataDir);
  if (running) return work(running);
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
    const methods = methodsOf(mora, () => undefined);
    return await work(async (method, input = {}) => {
      const known = methods[method];
      if (!known) throw new UsageError(`no such question: ${method}`);
      return known(input);
    });
  } finally {
    await mora.stop();
  }
};
