/** What both sides of a call agree on. */
import type { DescMethodUnary, DescService } from '@bufbuild/protobuf';

/** A batch of a few thousand records, or 500 events of ordinary size, fits. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** A peer that vanished without a word is noticed within both of these together. */
export const CLIENT_KEEP_ALIVE = { 'grpc.keepalive_time_ms': 20_000, 'grpc.keepalive_timeout_ms': 5_000 };
export const SERVER_KEEP_ALIVE = { 'grpc.keepalive_time_ms': 60_000, 'grpc.keepalive_timeout_ms': 10_000 };
/** In the metadata of an error: its literal code. */
export const CODE_KEY = 'mora-code';

export const pathOf = (desc: DescService, method: DescMethodUnary): string => `/${desc.typeName}/${method.name}`;

/** @throws TypeError for a service with streams, which are not used */
export const unaryMethodsOf = (desc: DescService): readonly DescMethodUnary[] =>
  desc.methods.map((method) => {
    if (method.methodKind !== 'unary') throw new TypeError(`${desc.typeName}.${method.name} is not unary`);
    return method as DescMethodUnary;
  });

export const rpcAttributes = (path: string) => ({ 'rpc.system.name': 'grpc', 'rpc.method': path });
