/** A broker whose disk is full: it ends by itself, the others go on; with room again it comes back. Needs root, to mount a small file system. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startKafka } from '@mora/kafka';
import type { Scenario } from './scenarios.js';
import { longestGap, pause, Stage } from './stage.js';

const run = promisify(execFile);
const SIZE_MB = 256;
const LEFT_BYTES = 8 * 1024 * 1024;
const FULL_MS = 20_000;

export const diskFull: Scenario = {
  name: 'disk-full',
  what: 'the disk of one broker of three becomes full under load, and has room again',
  run: async ({ postgres, scale }) => {
    const root = await mkdtemp(join(tmpdir(), 'mora-disk-'));
    const small = join(root, 'small');
    await mkdir(small);
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', small]).catch((cause: unknown) => {
      throw new Error('a small file system cannot be mounted here (it needs root)', { cause });
    });
    const topicDirectory = (node: number) => (node === 1 ? join(small, 'topics') : undefined);
    const kafka = await startKafka({ nodes: 3, topicDirectory });
    const stage = await Stage.open({ kafka, postgres, name: 'disk_full', rate: scale.rate });
    try {
      await stage.take().joined();
      stage.load();
      await pause(2_000);
      const from = Date.now();
      const { bavail, bsize } = await statfs(small);
      const filler = join(small, 'filler');
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - LEFT_BYTES)));
      const victim = kafka.node(1);
      const deadline = performance.now() + 3 * FULL_MS;
      while (victim.isRunning && performance.now() < deadline) await pause(200);
      if (victim.isRunning) throw new Error('the broker did not mind that its disk is full');
      const ended = Date.now();
      await pause(FULL_MS);
      await rm(filler);
      await victim.restart();
      await pause(5_000);
      const { rows, ...verdict } = await stage.judge();
      return {
        ...verdict,
        measured: {
          'until the broker ended for want of room': ended - from,
          'still meanwhile and after': longestGap(rows, from, ended - from + FULL_MS),
        },
      };
    } finally {
      await stage.close();
      await kafka.stop(0);
      await run('umount', [small]).catch(() => undefined);
      await rm(root, { recursive: true, force: true });
    }
  },
};
