import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KafkaUnavailable } from './errors.js';
import { run, tail } from './run.js';
import { findOpenssl } from './tools.js';

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8, not encrypted. */
  readonly key: string;
}

export interface Authority {
  /** The authority's own certificate, PEM. */
  readonly ca: string;
  readonly caFile: string;
  /** A new key and certificate for `127.0.0.1` and `localhost`, good for servers and clients, valid for 30 days. */
  issue(commonName: string): Promise<Certificate>;
}

const CONFIG = `
[req]
distinguished_name = name
prompt = no
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
`;

/** A certificate authority of our own in a folder, for tests. @throws KafkaUnavailable */
export const makeAuthority = async (folder: string, say: (line: string) => void): Promise<Authority> => {
  const openssl = await findOpenssl(say);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = (name: string) => join(folder, name);
  const config = path('openssl.cnf');
  await writeFile(config, CONFIG);
  const call = async (...args: string[]) => {
    const { code, output } = await run(openssl, args);
    if (code !== 0) throw new KafkaUnavailable(`openssl ${args[0]} failed: ${tail(output, 2)}`);
  };
  const newKey = (file: string) =>
    call('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file);
  const caKey = path('ca.key');
  const caFile = path('ca.pem');
  await newKey(caKey);
  const self = [
    '-x509',
    '-new',
    '-sha256',
    '-days',
    '30',
    '-extensions',
    'authority',
    '-subj',
    '/CN=Mora test authority',
  ];
  await call('req', '-config', config, ...self, '-key', caKey, '-out', caFile);
  let issued = 0;
  return {
    ca: await readFile(caFile, 'utf8'),
    caFile,
    issue: async (commonName) => {
      if (!/^[\w.@-]+$/.test(commonName)) throw new RangeError(`not a common name: ${commonName}`);
      issued += 1;
      const [key, request, cert] = ['key', 'csr', 'pem'].map((kind) => path(`${issued}.${kind}`)) as [
        string,
        string,
        string,
      ];
      const serial = String(issued);
      await newKey(key);
      await call(
        'req',
        '-config',
        config,
        '-new',
        '-sha256',
        '-key',
        key,
        '-subj',
        `/CN=${commonName}`,
        '-out',
        request,
      );
      const by = ['-CA', caFile, '-CAkey', caKey, '-set_serial', serial];
      const extensions = ['-extfile', config, '-extensions', 'leaf'];
      await call('x509', '-req', '-sha256', '-days', '30', '-in', request, ...by, ...extensions, '-out', cert);
      return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
    },
  };
};
