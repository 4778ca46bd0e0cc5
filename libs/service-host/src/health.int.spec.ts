import { afterEach, expect, test } from '@jest/globals';
import { startHealthServer } from './health.js';

let server: Awaited<ReturnType<typeof startHealthServer>>;
afterEach(() => server.close());
const ask = async (path: string): Promise<[number, unknown]> => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/health/${path}`);
  return [answer.status, await answer.json()];
};

test('a service is alive before it is started, and ready when nothing is wrong', async () => {
  let isStarted = false;
  let problems: Record<string, string> = {};
  server = await startHealthServer(
    { isStarted: () => isStarted, notReady: async () => problems },
    { host: '127.0.0.1', port: 0 },
  );
  expect((await ask('live'))[0]).toBe(200);
  expect((await ask('startup'))[0]).toBe(503);
  expect((await ask('ready'))[0]).toBe(503);
  isStarted = true;
  expect((await ask('startup'))[0]).toBe(200);
  expect((await ask('ready'))[0]).toBe(200);
  problems = { database: 'does not answer' };
  expect(await ask('ready')).toEqual([503, { status: 'unavailable', problems }]);
  expect((await ask('live'))[0]).toBe(200);
});

test('readiness fails when its check never answers', async () => {
  const health = { isStarted: () => true, notReady: () => new Promise<never>(() => undefined) };
  server = await startHealthServer(health, { host: '127.0.0.1', port: 0 });
  expect(await ask('ready')).toEqual([503, { status: 'unavailable', problems: { check: 'no answer within 2000 ms' } }]);
});

test('a port in use is named', async () => {
  const health = { isStarted: () => true, notReady: async () => ({}) };
  server = await startHealthServer(health, { host: '127.0.0.1', port: 0 });
  const again = startHealthServer(health, { host: '127.0.0.1', port: server.port });
  await expect(again).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});
