/** TLS between processes; with `ca` on the server's side both show a certificate. */
import { readFileSync } from 'node:fs';
import { type ChannelCredentials, credentials, ServerCredentials } from '@grpc/grpc-js';

/** PEM files. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** Who signs the callers' certificates; absent: callers need none. */
  readonly ca?: string;
}

/** PEM files. */
export interface ClientTls {
  /** Who signs the servers' certificates. */
  readonly ca: string;
  /** The own certificate and its key, where the server asks for one. */
  readonly identity?: { readonly cert: string; readonly key: string };
}

export const serverTls = ({ cert, key, ca }: ServerTls): ServerCredentials =>
  ServerCredentials.createSsl(
    ca === undefined ? null : readFileSync(ca),
    [{ cert_chain: readFileSync(cert), private_key: readFileSync(key) }],
    ca !== undefined,
  );

export const clientTls = ({ ca, identity }: ClientTls): ChannelCredentials =>
  identity === undefined
    ? credentials.createSsl(readFileSync(ca))
    : credentials.createSsl(readFileSync(ca), readFileSync(identity.key), readFileSync(identity.cert));
