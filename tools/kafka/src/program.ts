import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fetchJars } from './jars.js';
import { type KafkaProgram, LocalNode } from './node.js';
import { freePorts } from './ports.js';
import { run } from './run.js';
import { brokerProperties } from './settings.js';
import { findJava } from './tools.js';

interface Saying {
  /** Takes a line where something takes long (a download, an installation). Default: standard error. */
  readonly say?: (line: string) => void;
}

export const toStderr = (line: string): void => void process.stderr.write(`${line}\n`);

/** Java, the jars of Apache Kafka 4.3.1 and the class archive; fetched, installed or made where missing. @throws KafkaUnavailable */
export const ensureKafka = async ({ say = toStderr }: Saying = {}): Promise<KafkaProgram> => {
  const java = await findJava(say);
  const jars = await fetchJars({ say });
  const program = { java, classpath: jars.join(delimiter) };
  const classArchive = await archiveOf(program, jars, say);
  return classArchive === undefined ? program : { ...program, classArchive };
};

/** Java takes an archive only for the same build of Java and the same, untouched jars: both are in the file's name. */
const archiveOf = async (
  program: KafkaProgram,
  jars: readonly string[],
  say: (line: string) => void,
): Promise<string | undefined> => {
  const folder = dirname(jars[0]!);
  const key = createHash('sha256').update((await run(program.java, ['-version'])).output);
  for (const jar of jars) key.update(`${jar} ${(await stat(jar)).mtimeMs}\n`);
  const archive = join(folder, `classes-${key.digest('hex').slice(0, 16)}.jsa`);
  const present = await stat(archive).catch(() => undefined);
  if (present !== undefined) return present.size > 0 ? archive : undefined;
  say('Preparing Apache Kafka for quick starts (once) …');
  const draft = join(folder, `.classes-${randomBytes(6).toString('hex')}`);
  await recordClasses(program, draft).catch((error: unknown) => say(`Kafka will start slowly: ${String(error)}`));
  // A Java that cannot do it is not asked again.
  if ((await stat(draft).catch(() => undefined)) === undefined) await writeFile(draft, '');
  await rename(draft, archive);
  for (const name of await readdir(folder)) {
    if (/^classes-.*\.jsa$/.test(name) && join(folder, name) !== archive) await rm(join(folder, name), { force: true });
  }
  return (await stat(archive)).size > 0 ? archive : undefined;
};

/** Java writes the archive when a broker that ran ends in order. */
const recordClasses = async (program: KafkaProgram, into: string): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'mora-kafka-'));
  const directory = join(root, 'node-1');
  try {
    const [client, internal, controller] = (await freePorts(3)) as [number, number, number];
    const ports = { client, internal, controller };
    const topicDirectory = join(directory, 'data');
    const node = new LocalNode({
      id: 1,
      clusterId: 'AAAAAAAAAAAAAAAAAAAAAQ',
      directory,
      ports,
      properties: brokerProperties({ id: 1, nodes: [ports], topicDirectory, sasl: false, properties: {} }),
      scram: [],
      program,
      jvm: ['-Xmx256m', `-XX:ArchiveClassesAtExit=${into}`],
      startLimitMs: 60_000,
      orphan: { seconds: 0, remove: directory },
    });
    await node.prepare();
    await node.start().finally(() => node.stop(30_000));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};
