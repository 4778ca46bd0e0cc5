/** What waits for a person in the services' processes, asked over the HTTP of whichever replica of each works. */
import type { Standing } from '@mora/service';
import type { Asked } from '../methods.js';
import { post } from '../post.js';
import { ServiceUnanswered } from './errors.js';

/** The first of a service's replicas that answers: those that stand by refuse. */
export const ofWorking = async <T>(urls: readonly string[], ask: (url: string) => Promise<T | null>): Promise<T> => {
  for (const url of urls) {
    const answer = await ask(url).catch(() => null);
    if (answer !== null) return answer;
  }
  throw new ServiceUnanswered(urls);
};

const read = async (url: string): Promise<Standing | null> => {
  const answer = await fetch(`${url}/standing`);
  return answer.ok ? ((await answer.json()) as Standing) : null;
};

const count = async (url: string): Promise<number | null> => {
  const { status, text } = await post(url);
  return status === 201 ? (JSON.parse(text) as { readonly count: number }).count : null;
};

/** @param services the URLs of each service's replicas */
export const feedsClient = (services: readonly (readonly string[])[]): Asked['feeds'] => {
  const counted = async (path: string) => {
    const counts = services.map((urls) => ofWorking(urls, (url) => count(`${url}/standing/${path}`)));
    return (await Promise.all(counts)).reduce((sum, each) => sum + each, 0);
  };
  return {
    standing: () => Promise.all(services.map((urls) => ofWorking(urls, read))),
    resume: () => counted('resume'),
    redrive: (debtorId) => counted(`redrive/${encodeURIComponent(debtorId)}`),
  };
};
