/** Startup, readiness and liveness over HTTP. Liveness never asks Kafka or the database: a restart would not mend them. */
import { PortInUse } from './errors.js';

export interface Health {
  /** True once, after the service has begun its work. */
  isStarted(): boolean;
  /** Why no work can be taken now, by part (`database`, `feed intake`); empty: ready. */
  notReady(): Promise<Readonly<Record<string, string>>>;
}

const READY_TIMEOUT_MS = 2_000;

interface Reply {
  code(status: number): Reply;
  send(body: unknown): unknown;
}
interface Routes {
  get(path: string, handler: (request: unknown, reply: Reply) => unknown): unknown;
}

export const addHealthRoutes = (routes: Routes, health: Health): void => {
  const answer = (reply: Reply, problems: Readonly<Record<string, string>>) => {
    const isOk = Object.keys(problems).length === 0;
    return reply.code(isOk ? 200 : 503).send(isOk ? { status: 'ok' } : { status: 'unavailable', problems });
  };
  routes.get('/health/live', (_request, reply) => answer(reply, {}));
  routes.get('/health/startup', (_request, reply) =>
    answer(reply, health.isStarted() ? {} : { startup: 'not finished' }),
  );
  routes.get('/health/ready', async (_request, reply) => answer(reply, await problemsOf(health)));
};

const problemsOf = async (health: Health): Promise<Readonly<Record<string, string>>> => {
  if (!health.isStarted()) return { startup: 'not finished' };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readonly<Record<string, string>>>((resolve) => {
    timer = setTimeout(() => resolve({ check: `no answer within ${READY_TIMEOUT_MS} ms` }), READY_TIMEOUT_MS);
  });
  try {
    return await Promise.race([health.notReady(), late]);
  } catch (error) {
    return { check: error instanceof Error ? error.message : 'failed' };
  } finally {
    clearTimeout(timer);
  }
};

/** For services without an HTTP interface of their own. @throws PortInUse */
export const startHealthServer = async (
  health: Health,
  at: { readonly host: string; readonly port: number },
): Promise<{ readonly port: number; close(): Promise<void> }> => {
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const server = new FastifyAdapter().getInstance();
  addHealthRoutes(server as unknown as Routes, health);
  try {
    await server.listen(at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortInUse(at.port, { cause: error });
    throw error;
  }
  const bound = server.server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : at.port,
    close: () => server.close().then(() => undefined),
  };
};
