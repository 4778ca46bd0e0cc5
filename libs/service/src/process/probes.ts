/** `/startup`, `/ready`, `/live` and `/metrics` of a process, on plain HTTP. Liveness asks nobody: a restart would not mend Kafka or the database. */
import { createServer, type ServerResponse } from 'node:http';
import { PortInUse } from '@mora/grpc';
import { messageOf } from '../errors.js';

export interface Probes {
  isStarted(): boolean;
  /** Why no work can be taken now, by part; empty: ready. */
  notReady(): Promise<Readonly<Record<string, string>>>;
  /** In Prometheus' text format. */
  metrics(): Promise<string>;
}

export interface ProbeServer {
  readonly port: number;
  close(): Promise<void>;
}

const READY_TIMEOUT_MS = 2_000;

/** @throws PortInUse */
export const startProbes = async (
  probes: Probes,
  at: { readonly host: string; readonly port: number },
): Promise<ProbeServer> => {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    void answer(path ?? '', probes, response).catch((error: unknown) =>
      send(response, 500, { status: 'failed', error: messageOf(error) }),
    );
  });
  server.keepAliveTimeout = 1_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUse(at.port, { cause: error }) : error),
    );
    server.listen(at, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : at.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const answer = async (path: string, probes: Probes, response: ServerResponse): Promise<void> => {
  switch (path) {
    case '/live':
      return send(response, 200, { status: 'ok' });
    case '/startup':
      return judge(response, probes.isStarted() ? {} : { startup: 'not finished' });
    case '/ready':
      return judge(response, await problemsOf(probes));
    case '/metrics': {
      const text = await probes.metrics();
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
      return;
    }
  }
  send(response, 404, { status: 'not found' });
};

const judge = (response: ServerResponse, problems: Readonly<Record<string, string>>): void => {
  const isOk = Object.keys(problems).length === 0;
  send(response, isOk ? 200 : 503, isOk ? { status: 'ok' } : { status: 'unavailable', problems });
};

const send = (response: ServerResponse, code: number, body: unknown): void => {
  response
    .writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
};

const problemsOf = async (probes: Probes): Promise<Readonly<Record<string, string>>> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readonly<Record<string, string>>>((resolve) => {
    timer = setTimeout(() => resolve({ check: `no answer within ${READY_TIMEOUT_MS} ms` }), READY_TIMEOUT_MS);
  });
  try {
    return await Promise.race([probes.notReady(), late]);
  } finally {
    clearTimeout(timer);
  }
};
