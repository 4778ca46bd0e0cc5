/** What the services' processes lost of their past, asked over the HTTP of whichever replica of each works. */
import type { History } from '@mora/service';
import type { Asked } from '../methods.js';
import { post } from '../post.js';
import { ofWorking } from './feeds-client.js';

const read = async (url: string): Promise<History | null> => {
  const answer = await fetch(`${url}/history`);
  return answer.ok ? ((await answer.json()) as History) : null;
};

const confirmAt = async (url: string, by: string): Promise<number | null> => {
  const { status, text } = await post(`${url}/history/confirm`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by }),
  });
  return status === 201 ? (JSON.parse(text) as { readonly count: number }).count : null;
};

/** @param services the URLs of each service's replicas */
export const historyClient = (services: readonly (readonly string[])[]): Asked['history'] => ({
  // Each process holds itself; the others work on.
  isHeld: () => false,
  show: async () => {
    const all = await Promise.all(services.map((urls) => ofWorking(urls, read)));
    return all.filter(({ lost, missing }) => lost.length > 0 || missing.length > 0);
  },
  confirm: async (by) => {
    const counts = await Promise.all(services.map((urls) => ofWorking(urls, (url) => confirmAt(url, by))));
    return counts.reduce((sum, each) => sum + each, 0);
  },
});
