/** A consumer as a process of its own, so that it can be stopped, paused and killed. Its orders come by FAULTS_TAKER; it ends with its standard input. */
import { createKafkaFeeds } from '@mora/event-feed-kafka';
import { Consumer } from '@mora/eventing';
import type { DatabaseAddress } from '@mora/postgres';
import { openStore } from './ground.js';
import { SHARDS, SINK, SOURCE, taker } from './said.js';

export interface TakerOrders {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly source: DatabaseAddress;
  readonly sink: DatabaseAddress;
}

const orders = JSON.parse(process.env['FAULTS_TAKER'] ?? '') as TakerOrders;
process.removeAllListeners('warning').on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') process.stderr.write(`${name}: ${message}\n`);
});
const tell = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);

const [source, sink] = await Promise.all([openStore(orders.source, SOURCE), openStore(orders.sink, SINK)]);
const feeds = createKafkaFeeds({
  connection: { brokers: orders.brokers, clientId: 'taker' },
  groupId: `${orders.topicPrefix}taker`,
  topicPrefix: orders.topicPrefix,
  sources: [{ reader: source.store, shards: SHARDS }],
});
const { store, writer, activity } = sink;
const consumer = new Consumer({ processor: taker, feeds: [feeds.feed(SOURCE)], store, writer, activity });
feeds.start();
await consumer.start();
const looking = setInterval(() => {
  if (feeds.notReady() !== null) return;
  clearInterval(looking);
  tell({ ready: true });
}, 20);

const end = async () => {
  await consumer.stop();
  await feeds.stop();
  await writer.close();
  tell({ figures: feeds.figures(), failures: [...consumer.failures] });
  await Promise.all([source.pool.end(), sink.pool.end()]);
  process.exit(0);
};
process.stdin.once('end', () => void end()).resume();
