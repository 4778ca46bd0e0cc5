/** Every error of the API as problem+json (RFC 9457). */
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): unknown;
}

const STATUS: Readonly<Record<string, number>> = { NOT_FOUND: 404, UNKNOWN_VIEW: 404, BAD_REQUEST: 400 };
const TITLE: Readonly<Record<number, string>> = { 400: 'Bad request', 404: 'Not found', 500: 'Internal error' };

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly onUnexpected: (error: unknown) => void) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const code = (error as { code?: unknown }).code;
    const known = typeof code === 'string' ? STATUS[code] : undefined;
    const status = known ?? (error instanceof HttpException ? error.getStatus() : 500);
    if (status >= 500) this.onUnexpected(error);
    const detail = status >= 500 ? 'The request could not be answered; the log says why' : (error as Error).message;
    host
      .switchToHttp()
      .getResponse<Reply>()
      .status(status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send({
        type:
          known === undefined ? 'about:blank' : `urn:mora:problem:${String(code).toLowerCase().replaceAll('_', '-')}`,
        title: TITLE[status] ?? 'Error',
        status,
        detail,
      });
  }
}
