import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { KafkaUnavailable } from './errors.js';
import { run, tail } from './run.js';
import { findMaven } from './tools.js';

export const KAFKA_VERSION = '4.3.1';

const POM = fileURLToPath(new URL('../pom.xml', import.meta.url));
const SUMS = new URL('../jars.sha256', import.meta.url);
const STALE_MS = 3_600_000;

export interface FetchOptions {
  /** Folder of the jars. Default: `MORA_KAFKA_CACHE`, else `mora/kafka-4.3.1` in the user's cache folder. */
  readonly cache?: string;
  readonly say: (line: string) => void;
  /** Puts what the pom names into a folder; Maven unless a test says otherwise. */
  readonly download?: Download;
}

/** @param isAgain whether what came the first time was damaged: then nothing kept locally may be used. */
export type Download = (into: string, isAgain: boolean) => Promise<void>;

export const defaultCache = (): string => {
  const chosen = process.env['MORA_KAFKA_CACHE'];
  if (chosen) return resolve(chosen);
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mora', `kafka-${KAFKA_VERSION}`);
};

/**
 * Every jar on the list, with the right hash; missing and damaged ones are fetched. Several processes may do it at once:
 * each jar comes into the folder by one rename.
 * @returns paths of the jars. @throws KafkaUnavailable
 */
export const fetchJars = async (options: FetchOptions): Promise<readonly string[]> => {
  const cache = options.cache ?? defaultCache();
  const wanted = parseSums(await readFile(SUMS, 'utf8'));
  await mkdir(cache, { recursive: true });
  for (const isAgain of [false, true]) {
    const bad = await damaged(cache, wanted);
    if (bad.length === 0) break;
    await removeStale(cache);
    options.say(
      bad.length === wanted.size
        ? `Fetching Apache Kafka ${KAFKA_VERSION} (40 MB, once) …`
        : `Fetching ${bad.length} missing or damaged jars of Apache Kafka ${KAFKA_VERSION} …`,
    );
    const folder = await mkdtemp(join(cache, '.fetch-'));
    try {
      await (options.download ?? withMaven(options.say))(folder, isAgain);
      const stillBad = new Set(await damaged(folder, wanted));
      for (const name of bad.filter((each) => !stillBad.has(each))) await rename(join(folder, name), join(cache, name));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const bad = await damaged(cache, wanted);
  if (bad.length > 0) {
    throw new KafkaUnavailable(
      `Apache Kafka ${KAFKA_VERSION}: ${bad.join(', ')} came twice, but not as listed in ${fileURLToPath(SUMS)}.`,
    );
  }
  return [...wanted.keys()].map((name) => join(cache, name));
};

/** @returns name → SHA-256 in hex. */
export const parseSums = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const match = /^([0-9a-f]{64}) [ *]([\w.-]+\.jar)$/.exec(line);
        if (!match) throw new TypeError(`not a line of sha256sum: ${line}`);
        return [match[2]!, match[1]!] as const;
      }),
  );

const damaged = async (folder: string, wanted: ReadonlyMap<string, string>): Promise<string[]> => {
  const bad: string[] = [];
  for (const [name, sum] of wanted) if ((await sumOf(join(folder, name))) !== sum) bad.push(name);
  return bad;
};

const sumOf = async (path: string): Promise<string | undefined> => {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
};

/** A fetch that was killed leaves its folder. */
const removeStale = async (cache: string): Promise<void> => {
  for (const name of (await readdir(cache)).filter((each) => each.startsWith('.fetch-'))) {
    const path = join(cache, name);
    const at = await stat(path).catch(() => undefined);
    if (at && Date.now() - at.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
  }
};

const withMaven =
  (say: (line: string) => void): Download =>
  async (into, isAgain) => {
    const maven = await findMaven(say);
    const own = isAgain ? [`-Dmaven.repo.local=${join(into, 'repository')}`] : [];
    const flags = ['--batch-mode', '--no-transfer-progress', '--quiet', '--strict-checksums', ...own];
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${into}`];
    const { code, output } = await run(maven, [...flags, '--file', POM, ...goal]);
    if (code === 0) return;
    const reason = output.split('\n').find((line) => line.includes('[ERROR]')) ?? tail(output, 1);
    throw new KafkaUnavailable(
      `Maven could not fetch Apache Kafka ${KAFKA_VERSION} (network, mirror or proxy settings?): ${reason.trim()}`,
    );
  };
