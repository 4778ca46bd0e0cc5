import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Authority, type Certificate, makeAuthority } from './certificates.js';
import { isPortTaken, type KafkaNode, type KafkaProgram, LocalNode } from './node.js';
import { freePorts } from './ports.js';
import { ensureKafka, toStderr } from './program.js';
import { brokerProperties, scramArgument } from './settings.js';

const TRIES = 3;

export interface KafkaOptions {
  /** Three survive the loss of one (replication 3, two in sync). Default 1. */
  readonly nodes?: 1 | 3;
  /** Kept after the end and used again by the next start. Default: a temporary folder, deleted at the end. */
  readonly dataDirectory?: string;
  /** A folder of a node's own for its topics, such as a small file system that is to become full. */
  readonly topicDirectory?: (node: number) => string | undefined;
  /** Broker properties that win over ours. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Java heap of each node; default 256, at least 48. */
  readonly heapMb?: number;
  /** Clients log in by SCRAM-SHA-512. Name → password; new users only reach storage that is new. */
  readonly sasl?: { readonly users: Readonly<Record<string, string>> };
  /** Clients speak TLS to certificates of an authority of our own; `required` asks for the client's certificate too. */
  readonly tls?: { readonly clientAuth?: 'none' | 'required' };
  /** How long a node may take to answer; default 60 s. */
  readonly startLimitMs?: number;
  /** Takes a line where something takes long (a download, an installation). Default: standard error. */
  readonly say?: (line: string) => void;
}

export interface KafkaCluster {
  readonly clusterId: string;
  /** `host:port` of every node as clients connect, with SASL and TLS where asked for. */
  readonly brokers: readonly string[];
  /** The same nodes in plain text and without login, for what a test does behind a service's back. */
  readonly internalBrokers: readonly string[];
  readonly nodes: readonly KafkaNode[];
  /** @param id 1, 2 or 3. */
  node(id: number): KafkaNode;
  /** With `tls`: the authority's certificate (PEM), and certificates for clients. */
  readonly authority?: { readonly ca: string; issue(commonName: string): Promise<Certificate> };
  /**
   * Ends every node that still runs (SIGTERM, after `limitMs`, default 15 s, SIGKILL) and deletes a temporary folder. With
   * 0 it is SIGKILL at once, which throw-away data does not mind.
   */
  stop(limitMs?: number): Promise<void>;
}

/** Starts a cluster on free loopback ports and resolves when every node answers. @throws KafkaUnavailable */
export const startKafka = async (options: KafkaOptions = {}): Promise<KafkaCluster> => {
  const say = options.say ?? toStderr;
  const program = await ensureKafka({ say });
  const isTemporary = options.dataDirectory === undefined;
  const root = isTemporary ? await mkdtemp(join(tmpdir(), 'mora-kafka-')) : resolve(options.dataDirectory);
  const remove = async () => {
    if (isTemporary) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const shared = join(root, 'cluster');
    await mkdir(shared, { recursive: true, mode: 0o700 });
    const clusterId = await clusterIdOf(shared);
    const authority = options.tls ? await makeAuthority(join(shared, 'tls'), say) : undefined;
    const plan = { options, program, root, isTemporary, clusterId, authority };
    return await attempt(plan, remove, TRIES);
  } catch (error) {
    await remove();
    throw error;
  }
};

interface Plan {
  readonly options: KafkaOptions;
  readonly program: KafkaProgram;
  readonly root: string;
  readonly isTemporary: boolean;
  readonly clusterId: string;
  readonly authority: Authority | undefined;
}

const attempt = async (plan: Plan, remove: () => Promise<void>, triesLeft: number): Promise<KafkaCluster> => {
  const { nodes, internal } = await planNodes(plan);
  const stop = async (limitMs?: number) => {
    await Promise.all(nodes.map((node) => node.stop(limitMs)));
  };
  try {
    await settled(nodes.map((node) => node.prepare()));
    await settled(nodes.map((node) => node.start()));
  } catch (error) {
    await stop(0);
    if (triesLeft > 1 && isPortTaken(error)) return attempt(plan, remove, triesLeft - 1);
    throw error;
  }
  return {
    clusterId: plan.clusterId,
    brokers: nodes.map((node) => node.address),
    internalBrokers: internal.map((port) => `127.0.0.1:${port}`),
    nodes,
    node: (id) => {
      const node = nodes[id - 1];
      if (!node) throw new RangeError(`there is no node ${id} of ${nodes.length}`);
      return node;
    },
    ...(plan.authority ? { authority: plan.authority } : {}),
    stop: async (limitMs) => {
      await stop(limitMs);
      await remove();
    },
  };
};

/** All of them to their end, then the first failure: nothing may still be starting while it is cleaned away. */
const settled = async (all: readonly Promise<void>[]): Promise<void> => {
  for (const each of await Promise.allSettled(all)) if (each.status === 'rejected') throw each.reason;
};

const planNodes = async ({ options, program, root, isTemporary, clusterId, authority }: Plan) => {
  const count = options.nodes ?? 1;
  const ports = await freePorts(count * 3);
  const nodePorts = Array.from({ length: count }, (_, at) => {
    const [client, internal, controller] = ports.slice(at * 3) as [number, number, number];
    return { client, internal, controller };
  });
  const shared = join(root, 'cluster');
  const scram = Object.entries(options.sasl?.users ?? {}).map(([user, password]) => scramArgument(user, password));
  const clientAuth = options.tls?.clientAuth ?? 'none';
  const tls = authority && { ...(await keyFiles(authority, join(shared, 'tls'))), clientAuth };
  const nodes = nodePorts.map((own, at) => {
    const id = at + 1;
    const directory = join(root, `node-${id}`);
    const elsewhere = options.topicDirectory?.(id);
    const properties = brokerProperties({
      id,
      nodes: nodePorts,
      topicDirectory: elsewhere ?? join(directory, 'data'),
      ...(elsewhere === undefined ? {} : { metadataDirectory: join(directory, 'metadata') }),
      sasl: options.sasl !== undefined,
      ...(tls ? { tls } : {}),
      properties: options.properties ?? {},
    });
    return new LocalNode({
      id,
      clusterId,
      directory,
      ports: own,
      properties,
      scram,
      program,
      jvm: [`-Xmx${options.heapMb ?? 256}m`],
      startLimitMs: options.startLimitMs ?? 60_000,
      orphan: isTemporary ? { seconds: 0, remove: directory, shared } : { seconds: 15 },
    });
  });
  return { nodes, internal: nodePorts.map((each) => each.internal) };
};

/** Key and certificate in one file, as Kafka wants them. */
const keyFiles = async (authority: Authority, folder: string) => {
  const { cert, key } = await authority.issue('kafka');
  const keystore = join(folder, 'keystore.pem');
  await writeFile(keystore, `${key}${cert}`, { mode: 0o600 });
  return { keystore, truststore: authority.caFile };
};

/** Kept beside the nodes, so that a folder started again is the same cluster. */
const clusterIdOf = async (folder: string): Promise<string> => {
  const file = join(folder, 'id');
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const id = randomBytes(16).toString('base64url');
  // Kafka takes a leading dash for an option.
  if (id.startsWith('-')) return clusterIdOf(folder);
  await writeFile(file, `${id}\n`);
  return id;
};
