/**
 * How the command line talks to a running `mora start`: JSON over HTTP on loopback, with a token that only the owner of the
 * data directory can read. Without a running process the same methods are called in this one.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { UsageError } from './errors.js';
import { post } from './post.js';

export type Methods = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => Promise<unknown>>>;

interface Address {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
}

export interface ControlServer {
  close(): Promise<void>;
}

const fileOf = (dataDir: string) => join(dataDir, 'control.json');

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** @param otherwise why it answers nothing else */
export const serveControl = async (dataDir: string, methods: Methods, otherwise?: string): Promise<ControlServer> => {
  const token = randomBytes(32).toString('hex');
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? null));
    const given = Buffer.from(request.headers.authorization ?? '');
    const expected = Buffer.from(`Bearer ${token}`);
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      return answer(401, { error: 'not allowed' });
    const name = (request.url ?? '/').slice(1);
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) return answer(404, { error: otherwise ?? `no method ${request.url}` });
    try {
      answer(200, await method(JSON.parse((await bodyOf(request)) || '{}')));
    } catch (error) {
      answer(error instanceof UsageError ? 400 : 500, {
        error: error instanceof Error ? error.message : String(error),
      });
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await writeFile(fileOf(dataDir), JSON.stringify({ pid: process.pid, port, token } satisfies Address), {
    mode: 0o600,
  });
  return {
    close: async () => {
      await rm(fileOf(dataDir), { force: true });
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
};

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export type Call = (method: string, input?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** @returns how to call the process that runs on this data directory, or null when there is none. */
export const runningAt = async (dataDir: string): Promise<Call | null> => {
  const text = await readFile(fileOf(dataDir), 'utf8').catch(() => null);
  if (text === null) return null;
  const { pid, port, token } = JSON.parse(text) as Address;
  if (!alive(pid)) return null;
  return async (method, input = {}) => {
    const { status, text } = await post(`http://127.0.0.1:${port}/${method}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    const body = JSON.parse(text) as { error?: string };
    if (status !== 200) throw new UsageError(body?.error ?? `the running process answered ${status}`);
    return body;
  };
};
