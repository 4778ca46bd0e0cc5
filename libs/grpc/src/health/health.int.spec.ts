import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Wire } from '@mora/test-kit';
import { clientFor } from '../client.js';
import { healthV1 } from '../generated.js';
import { clientTls, serverTls } from '../tls.js';
import { SERVING } from '../tokens.js';
import { GrpcHealthController, isServing } from './health.js';

const GUARD = 'mora.guard.v1.GuardService';
let running: Wire | null = null;
afterEach(() => running?.stop());

const serve = async (up: boolean, tls?: ReturnType<typeof serverTls>) => {
  const serving = (service: string) => (service === '' || service === GUARD ? up : null);
  running = await Wire.up({
    controllers: [GrpcHealthController],
    providers: [{ provide: SERVING, useValue: serving }],
    services: [healthV1.Health],
    ...(tls ? { credentials: tls } : {}),
  });
  // The name that the certificates are for.
  return `localhost:${running.port}`;
};

describe('the health service', () => {
  it('says of the process and of a service whether it serves', async () => {
    const address = await serve(true);
    expect([await isServing(address), await isServing(address, GUARD)]).toEqual([true, true]);
    await running?.stop();
    const down = await serve(false);
    expect([await isServing(down), await isServing(down, GUARD)]).toEqual([false, false]);
  });

  it('knows no other service, and nobody who does not answer serves', async () => {
    const address = await serve(true);
    const client = clientFor(healthV1.Health, address);
    await expect(client.check({ service: 'x' })).rejects.toMatchObject({ code: 'UNKNOWN_SERVICE' });
    client.close();
    await running?.stop();
    expect(await isServing(address, '', { deadlineMs: 500 })).toBe(false);
  });
});

const openssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

(openssl ? describe : describe.skip)('TLS between processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mora-tls-'));
  const at = (file: string) => join(folder, file);
  const ssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const authority = (name: string) =>
    ssl(
      'req',
      '-x509',
      '-newkey',
      'ed25519',
      '-nodes',
      '-days',
      '1',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
  const certified = (name: string, ca: string) => {
    writeFileSync(at('names'), 'subjectAltName=DNS:localhost');
    ssl('req', '-newkey', 'ed25519', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    ssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${ca}.pem`,
      '-CAkey',
      `${ca}.key`,
      '-days',
      '1',
      '-extfile',
      'names',
      '-out',
      `${name}.pem`,
    );
  };
  const pair = (name: string) => ({ cert: at(`${name}.pem`), key: at(`${name}.key`) });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('lets in who shows a certificate of the right authority, and talks to no other server', async () => {
    authority('ours');
    authority('theirs');
    certified('server', 'ours');
    certified('caller', 'ours');
    certified('stranger', 'theirs');
    const ca = at('ours.pem');
    const address = await serve(true, serverTls({ ...pair('server'), ca }));
    const asked = (credentials?: ReturnType<typeof clientTls>) =>
      isServing(address, '', { deadlineMs: 1_000, ...(credentials ? { credentials } : {}) });
    expect(await asked(clientTls({ ca, identity: pair('caller') }))).toBe(true);
    expect(await asked(clientTls({ ca }))).toBe(false);
    expect(await asked(clientTls({ ca, identity: pair('stranger') }))).toBe(false);
    expect(await asked(clientTls({ ca: at('theirs.pem'), identity: pair('caller') }))).toBe(false);
    expect(await asked()).toBe(false);
    await running?.stop();
    const open = await serve(true, serverTls(pair('server')));
    expect(await isServing(open, '', { credentials: clientTls({ ca }) })).toBe(true);
  });
});
