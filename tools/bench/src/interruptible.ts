import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Work that Ctrl-C stops and that then cleans up. @returns its exit code, 128 + n after signal n. */
export const interruptible = async (work: (signal: AbortSignal) => Promise<number>): Promise<number> => {
  const stop = new AbortController();
  let stopped = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    stopped = 128 + constants.signals[signal];
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.stderr.write('stopped\n');
    return stopped;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
};
