/** The one filter of an application: errors become answers, over gRPC by status and code, over HTTP as problem+json (RFC 9457). */
import { GrpcErrorFilter } from '@mora/grpc';
import type { Log } from '@mora/telemetry';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject, Injectable } from '@nestjs/common';
import { messageOf } from './errors.js';
import { PROBLEM_TYPE, problemOf } from './http/problem.js';
import { LOG } from './tokens.js';

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): unknown;
}

const STATUS: Readonly<Record<string, number>> = {
  NOT_FOUND: 404,
  UNKNOWN_VIEW: 404,
  BAD_REQUEST: 400,
  NOT_ON_THIS_MACHINE: 403,
  STORE_UNAVAILABLE: 503,
};
/** Of a failed health check: what is wrong, by part. */
const partsOf = (error: unknown): object => {
  const given = error instanceof HttpException ? error.getResponse() : null;
  return given !== null && typeof given === 'object' && 'details' in given ? { problems: given.details } : {};
};

@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  private readonly grpc: GrpcErrorFilter;

  constructor(@Inject(LOG) private readonly log: Log) {
    this.grpc = new GrpcErrorFilter((error) => log.error({ error: messageOf(error) }, 'a call failed'));
  }

  catch(error: unknown, host: ArgumentsHost): unknown {
    if (host.getType() === 'rpc') return this.grpc.catch(error, host);
    const { body, status } = this.problemOf(error);
    return host.switchToHttp().getResponse<Reply>().status(status).header('content-type', PROBLEM_TYPE).send(body);
  }

  private problemOf(error: unknown) {
    const code = (error as { code?: unknown }).code;
    const known = typeof code === 'string' && Object.hasOwn(STATUS, code) ? STATUS[code] : undefined;
    const status = known ?? (error instanceof HttpException ? error.getStatus() : 500);
    const isOurs = status >= 500 && known === undefined && !(error instanceof HttpException);
    if (isOurs) this.log.error({ error: messageOf(error) }, 'a request failed');
    const detail = isOurs ? 'The request could not be answered; the log says why' : (error as Error).message;
    const told = problemOf(status, detail, known === undefined ? null : String(code));
    return { status, body: { ...told, ...partsOf(error) } };
  }
}
