import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host, by name or address, with brackets or without, is this machine by itself; no name is looked up. */
export const isLoopback = (host: string): boolean => {
  const bare = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  if (bare.toLowerCase() === 'localhost') return true;
  const family = isIP(bare);
  return family !== 0 && LOOPBACK.check(bare, family === 6 ? 'ipv6' : 'ipv4');
};
