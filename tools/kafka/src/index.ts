/**
 * A real Apache Kafka 4.3.1 on this machine, without containers: one node or three (KRaft, each broker and controller) on
 * free loopback ports, for tests, benches and `npm run start:kafka`.
 *
 * ```ts
 * const kafka = await startKafka({ nodes: 3 });
 * kafka.brokers; // ['127.0.0.1:23817', …] for a client
 * await kafka.node(1).kill(); // SIGKILL; pause() and resume() are SIGSTOP and SIGCONT
 * await kafka.node(1).restart(); // same ports, same data
 * await kafka.stop(0); // the data is thrown away: no need to wait for an orderly end
 * ```
 *
 * The jars (45, 40 MB) come through Maven by `pom.xml`, once, into `~/.cache/mora/kafka-4.3.1` (`XDG_CACHE_HOME`, or
 * `MORA_KAFKA_CACHE` for the folder itself), and each is checked against `jars.sha256` at every start. Java 17 or newer is
 * needed, Maven only to fetch, openssl only for TLS; as root on Debian missing ones are installed, else one line says what
 * to install. What is started ends with the process that started it, however that ends (`broker.sh`), and keeps no event
 * loop alive. Data is temporary unless `dataDirectory` names a folder.
 *
 * Every node has three ports: for clients (plain, SASL/SCRAM-SHA-512, TLS or both), for the brokers among themselves
 * (plain, also `internalBrokers`), and for the controllers. For access rules add the properties `authorizer.class.name =
 * org.apache.kafka.metadata.authorizer.StandardAuthorizer` and `super.users = User:ANONYMOUS`: the inner ports are ANONYMOUS.
 * For a full disk give one node's topics a small file system by `topicDirectory`.
 *
 * Command line: `node dist/main.js fetch`, `node dist/main.js start --nodes 3`.
 */
export type { Certificate } from './certificates.js';
export { type KafkaCluster, type KafkaOptions, startKafka } from './cluster.js';
export { KafkaUnavailable } from './errors.js';
export { KAFKA_VERSION } from './jars.js';
export type { KafkaNode, KafkaProgram } from './node.js';
export { freePorts } from './ports.js';
export { type ClusterDescription, describeCluster } from './probe.js';
export { ensureKafka } from './program.js';
