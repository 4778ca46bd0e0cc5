import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Download, fetchJars } from './jars.js';
import { ensureKafka } from './program.js';

const JAR = 'slf4j-api-1.7.36.jar';
let jars: readonly string[];
let cache: string;
let downloads: boolean[];

beforeAll(async () => {
  jars = (await ensureKafka()).classpath.split(delimiter);
}, 240_000);
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'mora-jars-'));
  downloads = [];
});
afterEach(() => rm(cache, { recursive: true, force: true }));

/** Maven's part, from the jars that are here; the first `damagedTimes` downloads have a damaged one. */
const source =
  (damagedTimes: number): Download =>
  async (into, isAgain) => {
    downloads.push(isAgain);
    for (const jar of jars) await copyFile(jar, join(into, basename(jar)));
    if (downloads.length <= damagedTimes) await writeFile(join(into, JAR), 'cut off');
  };
const fetch = (damagedTimes = 0) => fetchJars({ cache, say: () => undefined, download: source(damagedTimes) });

describe('the folder of jars', () => {
  it('is filled once and not asked for again', async () => {
    const paths = await fetch();
    expect(await fetch()).toEqual(paths);
    expect(downloads).toEqual([false]);
    expect((await readdir(cache)).sort()).toEqual(jars.map((jar) => basename(jar)).sort());
  });

  it('gets a jar that was changed there once more, and the others stay', async () => {
    await fetch();
    await writeFile(join(cache, JAR), 'changed');
    await fetch();
    expect(await readFile(join(cache, JAR))).toEqual(await readFile(jars.find((jar) => jar.endsWith(JAR))!));
    expect(downloads).toEqual([false, false]);
  });

  it('asks a second time, trusting nothing kept, when a jar comes damaged', async () => {
    await fetch(1);
    expect(downloads).toEqual([false, true]);
  });

  it('names the jar that came damaged twice, and keeps no damaged jar', async () => {
    await expect(fetch(2)).rejects.toThrow(new RegExp(`${JAR} came twice`));
    expect(await readdir(cache)).not.toContain(JAR);
  });

  it('is whole when two processes fill it at once', async () => {
    const [one, other] = await Promise.all([fetch(), fetch()]);
    expect(one).toEqual(other);
    expect((await readdir(cache)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
