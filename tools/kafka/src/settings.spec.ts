import { describe, expect, it } from '@jest/globals';
import { brokerProperties, type NodeSettings, propertiesFile, scramArgument } from './settings.js';

const ports = (from: number) => ({ client: from, internal: from + 1, controller: from + 2 });
const one: NodeSettings = {
  id: 1,
  nodes: [ports(20_000)],
  topicDirectory: '/data',
  sasl: false,
  properties: {},
};
const three: NodeSettings = { ...one, nodes: [ports(20_000), ports(20_010), ports(20_020)] };
const tls = { keystore: '/k.pem', truststore: '/ca.pem', clientAuth: 'required' } as const;

describe('the properties of a node', () => {
  it('listen on the loopback address only', () => {
    for (const address of brokerProperties(three)['listeners']!.split(','))
      expect(address).toMatch(/^[A-Z]+:\/\/127\.0\.0\.1:/);
  });

  it('keep three copies, two of them in sync, on three nodes and one on one', () => {
    expect(brokerProperties(three)).toMatchObject({
      'offsets.topic.replication.factor': '3',
      'min.insync.replicas': '2',
      'controller.quorum.voters': '1@127.0.0.1:20002,2@127.0.0.1:20012,3@127.0.0.1:20022',
    });
    expect(brokerProperties(one)).toMatchObject({
      'offsets.topic.replication.factor': '1',
      'min.insync.replicas': '1',
    });
  });

  it('give a dead broker up quickly on three nodes, and never on one', () => {
    expect(brokerProperties(three)['broker.session.timeout.ms']).toBe('2000');
    expect(brokerProperties(one)).not.toHaveProperty(['broker.session.timeout.ms']);
  });

  it.each([
    [false, undefined, 'PLAINTEXT'],
    [true, undefined, 'SASL_PLAINTEXT'],
    [false, tls, 'SSL'],
    [true, tls, 'SASL_SSL'],
  ])('protect the clients’ port alone: login %s, TLS %j → %s', (sasl, security, protocol) => {
    const settings = brokerProperties({ ...one, sasl, ...(security ? { tls: security } : {}) });
    expect(settings['listener.security.protocol.map']).toBe(
      `CLIENT:${protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    );
  });

  it('let the caller’s properties win', () => {
    expect(brokerProperties({ ...three, properties: { 'min.insync.replicas': '1' } })['min.insync.replicas']).toBe('1');
  });
});

describe('a properties file', () => {
  it('carries backslashes, line ends, leading blanks and letters beyond ASCII', () => {
    expect(propertiesFile({ a: ' C:\\new\nline', b: '数据' })).toBe('a=\\ C:\\\\new\\nline\nb=\\u6570\\u636e\n');
  });
});

describe('a SCRAM user', () => {
  it('is written as StorageTool reads it', () => {
    expect(scramArgument('dialer', 'a b=c')).toBe('SCRAM-SHA-512=[name=dialer,password=a b=c]');
  });

  it.each([
    ['a,b', 'x'],
    ['', 'x'],
    ['a', 'x]'],
    ['a', ''],
  ])('is refused where that format cannot carry it: %j, %j', (user, password) => {
    expect(() => scramArgument(user, password)).toThrow(RangeError);
  });
});
