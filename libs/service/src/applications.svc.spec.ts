import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common';
import { Application, rootOf } from './applications.js';
import { LOG } from './tokens.js';

@Controller('api')
class Door {
  @Get('things/:id')
  thing(@Param('id') id: string) {
    return { id };
  }
  @Post('things')
  made(@Body() body: unknown) {
    return { bytes: JSON.stringify(body).length };
  }
}

const errors: unknown[] = [];
const silent = () => undefined;
const log = { info: silent, warn: silent, error: (...said: unknown[]) => errors.push(said) };

@Module({ controllers: [Door], providers: [{ provide: LOG, useValue: log }], exports: [LOG] })
class Doors {}

let app: Application;
beforeEach(async () => {
  errors.length = 0;
  const service = { module: Doors, global: true };
  app = await Application.create({ module: rootOf(service), log, http: { host: '127.0.0.1', port: 0 } });
  await app.openHttp();
});
afterEach(() => app.close());

/** Sent as it is: `fetch` would mend it. */
const raw = (path: string, headers: Record<string, string> = {}, method = 'GET', body = '') =>
  new Promise<{
    readonly status: number;
    readonly type: string;
    readonly allow: string;
    readonly body: Record<string, unknown>;
  }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: app.httpPort, path, method, headers }, (answer) => {
      let text = '';
      answer.on('data', (bytes) => {
        text += String(bytes);
      });
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          type: answer.headers['content-type'] ?? '',
          allow: answer.headers.allow ?? '',
          body: JSON.parse(text),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
const post = (body: string, type = 'application/json') =>
  raw('/api/things', { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) }, 'POST', body);

describe('over HTTP', () => {
  it('a body is taken up to 64 KB', async () => {
    expect((await post(JSON.stringify('x'.repeat(65_000)))).status).toBe(201);
    expect(await post(JSON.stringify('x'.repeat(66_000)))).toMatchObject({
      status: 413,
      type: expect.stringContaining('application/problem+json'),
      body: { status: 413 },
    });
  });

  test.each([
    ['no JSON', '{"a":', 'application/json', 400],
    ['JSON for the prototype', '{"__proto__":{"x":1}}', 'application/json', 400],
    ['of a kind that is not read', '<a/>', 'application/xml', 415],
  ])('a body that is %s is the caller’s fault, not ours', async (_, body, type, status) => {
    expect(await post(body, type)).toMatchObject({ status, type: expect.stringContaining('problem+json') });
    expect(errors).toEqual([]);
  });

  test.each([
    ['is not encoded as it should be', '/api/things/%zz'],
    ['has half a character', '/api/things/%ed%a0%80'],
    ['has a NUL', '/api/things/%00'],
    ['has a NUL in its query', '/api/things/a?q=%00'],
    ['has a NUL in a name of its query', '/api/things/a?q%00=1'],
  ])('a path that %s is a bad request', async (_, path) => {
    expect(await raw(path)).toMatchObject({ status: 400, type: expect.stringContaining('problem+json') });
    expect(errors).toEqual([]);
  });

  it('a path that leads nowhere is not found', async () => {
    expect(await raw('/api/nothing')).toMatchObject({ status: 404, type: expect.stringContaining('problem+json') });
  });

  it('a method that a path does not have is refused with those that it has', async () => {
    const answer = await raw('/api/things/a', {}, 'DELETE');
    expect(answer).toMatchObject({ status: 405, type: expect.stringContaining('problem+json') });
    expect(answer.allow).toBe('GET, HEAD');
    expect((await raw('/api/things', {}, 'TRACE')).allow).toBe('POST');
    expect(await raw('/api/things/a/b', {}, 'DELETE')).toMatchObject({ status: 404 });
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.', '169.254.1.1'])(
    'a name that only leads here, %s, is answered nothing',
    async (host) => {
      expect(await raw('/api/things/a', { host })).toMatchObject({ status: 403, body: { status: 403 } });
    },
  );

  test.each(['127.0.0.1', 'localhost:3000', '[::1]:80', '127.8.8.8'])(
    'this machine’s own name %s is answered',
    async (host) => {
      expect(await raw('/api/things/a', { host })).toMatchObject({ status: 200 });
    },
  );

  it('a page of another site is answered nothing', async () => {
    for (const origin of ['https://evil.example', 'null'])
      expect(await raw('/api/things/a', { origin })).toMatchObject({ status: 403 });
    expect(await raw('/api/things/a', { origin: 'http://localhost:5173' })).toMatchObject({ status: 200 });
  });
});
