import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;
const MECHANISM = 'SCRAM-SHA-512';

export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Logs in over TLS as a client does (RFC 5802), without a client library. @returns Kafka's error code, 0 for success. */
export const scramLogin = async ({ port, user, password, ...certificates }: Login): Promise<number> => {
  const socket = connect({ host: '127.0.0.1', port, ...certificates });
  try {
    await once(socket, 'secureConnect');
    const handshake = await ask(socket, SASL_HANDSHAKE, sized(MECHANISM));
    if (handshake.readInt16BE(0) !== 0) return handshake.readInt16BE(0);
    const bare = `n=${user},r=${randomBytes(18).toString('base64url')}`;
    const first = await authenticate(socket, `n,,${bare}`);
    if (first.error !== 0) return first.error;
    const field = (name: string) => new RegExp(`(?:^|,)${name}=([^,]+)`).exec(first.text)![1]!;
    const salted = pbkdf2Sync(password, Buffer.from(field('s'), 'base64'), Number(field('i')), 64, 'sha512');
    const hmac = (key: Buffer, text: string) => createHmac('sha512', key).update(text).digest();
    const clientKey = hmac(salted, 'Client Key');
    const withoutProof = `c=biws,r=${field('r')}`;
    const signature = hmac(createHash('sha512').update(clientKey).digest(), `${bare},${first.text},${withoutProof}`);
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at]!)).toString('base64');
    return (await authenticate(socket, `${withoutProof},p=${proof}`)).error;
  } finally {
    socket.destroy();
  }
};

const sized = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const size = Buffer.alloc(2);
  size.writeInt16BE(bytes.length);
  return Buffer.concat([size, bytes]);
};

const authenticate = async (socket: TLSSocket, message: string) => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(Buffer.byteLength(message));
  const answer = await ask(socket, SASL_AUTHENTICATE, Buffer.concat([size, Buffer.from(message)]));
  const error = answer.readInt16BE(0);
  const messageLength = Math.max(0, answer.readInt16BE(2));
  const at = 4 + messageLength;
  return { error, text: answer.toString('utf8', at + 4, at + 4 + Math.max(0, answer.readInt32BE(at))) };
};

/** One request, version 1 for the handshake and 0 for the rest, and its answer without size and correlation id. */
const ask = async (socket: TLSSocket, api: number, body: Buffer): Promise<Buffer> => {
  const header = Buffer.from([0, api, 0, api === SASL_HANDSHAKE ? 1 : 0, 0, 0, 0, 1, 0xff, 0xff]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(header.length + body.length);
  socket.write(Buffer.concat([size, header, body]));
  let answer = Buffer.alloc(0);
  while (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) {
    const [chunk] = (await Promise.race([once(socket, 'data'), hungUp(socket)])) as [Buffer];
    answer = Buffer.concat([answer, chunk]);
  }
  return answer.subarray(8);
};

const hungUp = async (socket: TLSSocket): Promise<never> => {
  await once(socket, 'close');
  throw new Error('the broker hung up');
};
