/**
 * Nest's filter for gRPC: an error becomes the answer that its caller may see. A hybrid application passes it on only with
 * `inheritAppConfig`, and only if it is registered before `connectMicroservice`, which binds the handlers.
 */
import { status } from '@grpc/grpc-js';
import { type ArgumentsHost, Catch, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import { answerOf, refusal } from './answers.js';

@Catch()
export class GrpcErrorFilter implements RpcExceptionFilter {
  /** @param onInternal told of errors whose cause the caller does not learn */
  constructor(private readonly onInternal: (error: unknown) => void) {}

  /** Never throws: Nest would answer nothing, and the caller wait. */
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    const answer = answerOf(error);
    if (answer.status === status.INTERNAL) this.onInternal(error);
    // Its own name is what the trace keeps of a failure.
    const name = error instanceof Error ? error.name : 'Error';
    return throwError(() => Object.assign(new Error(answer.message), refusal(answer), { name }));
  }
}
