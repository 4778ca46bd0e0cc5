import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startKafka } from './cluster.js';
import { defaultCache } from './jars.js';
import type { KafkaNode } from './node.js';
import { ensureKafka } from './program.js';

const usage = `usage: kafka fetch                                             jars and Java, no broker
       kafka start [--nodes 1|3] [--data FOLDER] [--heap MB]   until Ctrl-C; prints the brokers' addresses`;

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      nodes: { type: 'string', default: '1' },
      data: { type: 'string' },
      heap: { type: 'string', default: '256' },
      help: { type: 'boolean', default: false },
    },
  });
  const [command, ...rest] = positionals;
  if (values.help) {
    console.log(usage);
  } else if (command === 'fetch' && rest.length === 0) {
    const { java } = await ensureKafka();
    console.log(`jars: ${defaultCache()}\njava: ${java}`);
  } else if (command === 'start' && rest.length === 0) {
    await start(values.nodes, Number(values.heap), values.data);
  } else {
    throw new RangeError(usage);
  }
};

const start = async (nodes: string, heapMb: number, data: string | undefined): Promise<void> => {
  if (nodes !== '1' && nodes !== '3') throw new RangeError('--nodes must be 1 or 3');
  if (!(heapMb >= 48)) throw new RangeError('--heap must be 48 or more megabytes');
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  const directory = data === undefined ? {} : { dataDirectory: data };
  const kafka = await startKafka({ nodes: nodes === '1' ? 1 : 3, heapMb, ...directory });
  console.log(kafka.brokers.join(','));
  let isAsked = false;
  const watched = watch(kafka.nodes, () => isAsked);
  await Promise.race([asked, watched]);
  isAsked = true;
  await kafka.stop(data === undefined ? 0 : undefined);
};

/** Tells of a node that ended by itself; resolves, with exit code 1 set, when none is left. */
const watch = async (nodes: readonly KafkaNode[], isOver: () => boolean): Promise<void> => {
  const told = new Set<number>();
  while (!isOver()) {
    for (const node of nodes) {
      if (node.isRunning || told.has(node.id)) continue;
      told.add(node.id);
      console.error(`node ${node.id} ended with code ${node.exitCode}; its log is ${node.logFile}`);
    }
    if (told.size === nodes.length) {
      process.exitCode = 1;
      return;
    }
    await sleep(200);
  }
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
