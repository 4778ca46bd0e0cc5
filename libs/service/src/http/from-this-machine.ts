/** Until there is a login: what is not only a question is done from the machine itself. */
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { NotOnThisMachine } from '../errors.js';
import { isLoopback } from '../loopback.js';

interface Request {
  /** Of the other end of the connection. */
  readonly ip: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];

/** @param origin `scheme://host:port` */
export const isHere = (origin: unknown): boolean =>
  typeof origin === 'string' && URL.canParse(origin) && isLoopback(new URL(origin).hostname);

/** A proxy on this machine speaks for others, and a browser for the page that it shows: by its name, or one that leads here. */
export const isFromThisMachine = ({ ip, headers }: Request): boolean =>
  isLoopback(ip) &&
  isHere(`http://${headers['host']}`) &&
  (headers['origin'] === undefined || isHere(headers['origin'])) &&
  FORWARDED.every((name) => headers[name] === undefined);

@Injectable()
export class FromThisMachine implements CanActivate {
  /** @throws NotOnThisMachine */
  canActivate(context: ExecutionContext): boolean {
    if (isFromThisMachine(context.switchToHttp().getRequest<Request>())) return true;
    throw new NotOnThisMachine('this is done');
  }
}
