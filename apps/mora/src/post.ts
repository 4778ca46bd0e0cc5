/** A POST that may take an hour: `fetch` gives up after five minutes without an answer. */
import { request } from 'node:http';

const MOST_MS = 3_600_000;

export interface Posted {
  readonly status: number;
  readonly text: string;
}

export const post = (
  url: string,
  { headers = {}, body }: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): Promise<Posted> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(MOST_MS);
    const sent = request(url, { method: 'POST', headers, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => void chunks.push(chunk))
        .once('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }))
        .once('error', reject);
    });
    sent.once('error', reject).end(body);
  });
