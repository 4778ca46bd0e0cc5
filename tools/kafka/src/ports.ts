import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * Free ports on the loopback address, below those that the kernel gives to outgoing connections: a client that keeps
 * knocking at a dead broker's port could otherwise get that very port as its own, and the broker could not return to it.
 */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const highest = Math.min(HIGHEST, (await lowestOutgoing()) - 1);
  const lowest = Math.min(LOWEST, Math.max(1_024, highest - 4_000));
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count && tries < 1_000; tries++) {
    const port = randomInt(lowest, highest + 1);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  if (ports.size < count) throw new Error(`no ${count} free ports between ${lowest} and ${highest}`);
  return [...ports];
};

const lowestOutgoing = async (): Promise<number> => {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '');
  const lowest = Number.parseInt(range, 10);
  return lowest > 5_000 ? lowest : HIGHEST + 1;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
