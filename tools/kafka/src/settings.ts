/** Everything that a node's configuration depends on. */
export interface NodeSettings {
  readonly id: number;
  readonly nodes: readonly NodePorts[];
  /** Topics, and the metadata log unless that has a folder of its own. */
  readonly topicDirectory: string;
  readonly metadataDirectory?: string;
  readonly sasl: boolean;
  readonly tls?: { readonly keystore: string; readonly truststore: string; readonly clientAuth: 'none' | 'required' };
  /** Win over ours. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface NodePorts {
  readonly client: number;
  readonly internal: number;
  readonly controller: number;
}

type Properties = Record<string, string>;

/**
 * Three nodes: after `kill -9` of a leader its partitions must take events again within 5 s. Kafka's defaults take 10–14 s:
 * up to 2 s until the quorum misses its controller, up to 2 s to elect another, 9 s until that one gives the broker up. With
 * these it is at most about 1 + 0.5 + 2 s, and 1.5 s more until a client has noticed: measured 3.5–4.4 s for a producer, on
 * two busy cores (4.2–6.0 s with a session of 3 s). The price: a broker that stands still for 2 s (garbage collection, a
 * slow disk, a suspended machine) loses its partitions and has to catch up, a controller that is silent for 1 s is voted
 * out, and there are four times the heartbeats. Moves of leadership are more frequent; nothing acknowledged is lost by them.
 */
const FAST_RECOVERY: Properties = {
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '500',
  'controller.quorum.fetch.timeout.ms': '1000',
  'controller.quorum.election.timeout.ms': '500',
  'controller.quorum.election.backoff.max.ms': '200',
  'controller.quorum.request.timeout.ms': '1000',
};

const CLIENT_PROTOCOLS = { plain: 'PLAINTEXT', sasl: 'SASL_PLAINTEXT', tls: 'SSL', both: 'SASL_SSL' } as const;

/** The server's properties for one combined node (broker and controller). */
export const brokerProperties = (settings: NodeSettings): Readonly<Properties> => {
  const { id, nodes, sasl, tls } = settings;
  const count = nodes.length;
  const own = nodes[id - 1]!;
  const listeners = `CLIENT://127.0.0.1:${own.client},INTERNAL://127.0.0.1:${own.internal}`;
  const protocol = CLIENT_PROTOCOLS[sasl ? (tls ? 'both' : 'sasl') : tls ? 'tls' : 'plain'];
  const minInSync = String(count > 1 ? count - 1 : 1);
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': nodes.map((each, at) => `${at + 1}@127.0.0.1:${each.controller}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `${listeners},CONTROLLER://127.0.0.1:${own.controller}`,
    'advertised.listeners': listeners,
    'inter.broker.listener.name': 'INTERNAL',
    'listener.security.protocol.map': `CLIENT:${protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'log.dirs': settings.topicDirectory,
    ...(settings.metadataDirectory === undefined ? {} : { 'metadata.log.dir': settings.metadataDirectory }),
    'auto.create.topics.enable': 'false',
    'default.replication.factor': String(count),
    'min.insync.replicas': minInSync,
    'offsets.topic.replication.factor': String(count),
    'transaction.state.log.replication.factor': String(count),
    'transaction.state.log.min.isr': minInSync,
    'share.coordinator.state.topic.replication.factor': String(count),
    'share.coordinator.state.topic.min.isr': minInSync,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.num.partitions': '4',
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '4194304',
    ...(count > 1 ? FAST_RECOVERY : {}),
    ...(sasl ? saslProperties : {}),
    ...(tls ? tlsProperties(tls) : {}),
    ...settings.properties,
  };
};

const saslProperties: Properties = {
  'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
  'listener.name.client.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
  'listener.name.client.scram-sha-512.sasl.jaas.config':
    'org.apache.kafka.common.security.scram.ScramLoginModule required;',
};

const tlsProperties = (tls: NonNullable<NodeSettings['tls']>): Properties => ({
  'listener.name.client.ssl.keystore.type': 'PEM',
  'listener.name.client.ssl.keystore.location': tls.keystore,
  'listener.name.client.ssl.truststore.type': 'PEM',
  'listener.name.client.ssl.truststore.location': tls.truststore,
  'listener.name.client.ssl.client.auth': tls.clientAuth,
  'listener.name.client.ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/,DEFAULT',
});

/** A file in Java's properties format. */
export const propertiesFile = (properties: Readonly<Properties>): string =>
  Object.entries(properties)
    .map(([key, value]) => `${escaped(key)}=${escaped(value).replace(/^ /, '\\ ')}\n`)
    .join('');

const escaped = (text: string): string =>
  text
    .replace(/\\/g, '\\\\')
    .replace(/\n/g, '\\n')
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** StorageTool's argument for one SCRAM user. @throws RangeError on characters its format cannot carry. */
export const scramArgument = (user: string, password: string): string => {
  if (!/^[^\s,=[\]"]+$/.test(user)) throw new RangeError(`user name with a blank or one of , = [ ] ": ${user}`);
  if (!/^[^,[\]"]+$/.test(password)) throw new RangeError(`password of ${user} is empty or has one of , [ ] "`);
  return `SCRAM-SHA-512=[name=${user},password=${password}]`;
};
