import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { History } from '@mora/service';
import { runningAt } from '../control.js';
import { ServiceChild } from './child-process.js';
import { answeringWhileHeld } from './held-start.js';

const LOST: History = {
  service: 'contact-guard',
  lost: [{ source: 'guard', epoch: 2, reason: 'the dialer is ahead', begunAt: '2026-11-02T00:00:00.000Z' }],
  missing: [],
};

describe('a service that is held by lost history while all start', () => {
  let isHeld = true;
  let dataDir: string;
  let probes: Server;
  let child: ServiceChild;

  beforeEach(async () => {
    isHeld = true;
    dataDir = await mkdtemp(join(tmpdir(), 'mora-held-'));
    probes = createServer((_, response) => {
      const error = { history: { status: 'down', message: 'the dialer is ahead' } };
      response.writeHead(isHeld ? 503 : 200).end(JSON.stringify({ status: 'error', error }));
    });
    await new Promise<void>((resolve) => probes.listen(0, '127.0.0.1', resolve));
    const { port } = probes.address() as AddressInfo;
    child = new ServiceChild({
      name: 'contact-guard',
      program: '',
      nodeArgs: [],
      env: () => ({}),
      logFile: '',
      probes: `http://127.0.0.1:${port}`,
      note: () => undefined,
    });
  });
  afterEach(async () => {
    probes.closeAllConnections();
    probes.close();
    await rm(dataDir, { recursive: true });
  });

  const history = {
    isHeld: () => false,
    show: async () => (isHeld ? [LOST] : []),
    confirm: async () => {
      isHeld = false;
      return 3;
    },
  };
  const start = (notes: string[]) =>
    answeringWhileHeld({ dataDir, history, note: (text) => notes.push(text) }, (onHeld) =>
      child.ready(1, new AbortController().signal, (why) => onHeld('contact-guard', why)),
    );

  it('is waited for as long as it takes, and its loss shown and confirmed meanwhile', async () => {
    const notes: string[] = [];
    const started = start(notes);
    let call = await runningAt(dataDir);
    while (call === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      call = await runningAt(dataDir);
    }
    expect(await call('history.show')).toEqual([LOST]);
    await expect(call('status')).rejects.toThrow('mora history confirm');
    expect(await call('history.confirm', { by: 'ann' })).toEqual({ shown: [LOST], imported: 3 });
    await started;
    expect(await runningAt(dataDir)).toBeNull();
    expect(notes).toEqual([expect.stringContaining('contact-guard: the dialer is ahead')]);
  });

  it('is not waited for when it lacks something else', async () => {
    probes.removeAllListeners('request');
    probes.on('request', (_, response) => response.writeHead(503).end('{"error":{"database":{"message":"gone"}}}'));
    const notes: string[] = [];
    await expect(start(notes)).rejects.toMatchObject({ name: 'ServiceNotReady' });
    expect(notes).toEqual([]);
  });
});
