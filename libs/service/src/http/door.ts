/** What holds for every request over HTTP before anything of it is routed. */
import { isLoopback } from '../loopback.js';
import { isHere } from './from-this-machine.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';

const KEEP_ALIVE_MS = 1_000;
/** What is told here is a name and a flag or two. */
const MOST_BODY_BYTES = 64 * 1_024;
/** For the request to arrive, not for its answer. */
const REQUEST_MS = 30_000;

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;
interface Refusal {
  readonly status: number;
  readonly why: string;
}

/** PostgreSQL stores no NUL, and half a character is none. @returns null: it is text */
const unreadable = (url: string): Refusal | null => {
  try {
    return decodeURIComponent(url).includes('\0') ? { status: 400, why: 'The address has a NUL character' } : null;
  } catch {
    return { status: 400, why: 'The address is not UTF-8 in percent encoding' };
  }
};

/** A browser sends here what a page of another site asks for, also by a name of that site that leads here (DNS rebinding). */
const ofAnotherSite = ({ host, origin }: Headers): Refusal | null => {
  if (!isHere(`http://${host}`)) return { status: 403, why: 'Only by an own name of this machine, such as localhost' };
  if (origin !== undefined && !isHere(origin)) return { status: 403, why: 'Not for a page of another site' };
  return null;
};

/** @param listensAt host at which it is served: on a loopback address there is nobody to answer but this machine */
export const refusalOf = (listensAt: string, url: string, headers: Headers): Refusal | null =>
  (isLoopback(listensAt) ? ofAnotherSite(headers) : null) ?? unreadable(url);

interface Answer {
  code(status: number): Answer;
  header(name: string, value: string): Answer;
  send(body: unknown): unknown;
}

const answer = (reply: Answer, { status, why }: Refusal): unknown =>
  reply
    .code(status)
    .header('content-type', PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(status, why)));

export const serverOptions = () => ({
  forceCloseConnections: true,
  keepAliveTimeout: KEEP_ALIVE_MS,
  bodyLimit: MOST_BODY_BYTES,
  requestTimeout: REQUEST_MS,
  // Nest's filters do not see what has no route.
  frameworkErrors: ({ statusCode = 400 }: { readonly statusCode?: number }, _request: unknown, reply: unknown) => {
    answer(reply as Answer, { status: statusCode, why: 'The address cannot be read' });
  },
});

interface Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  /** No route is its. */
  readonly is404: boolean;
}

interface Route {
  readonly url: string;
  readonly method: string | readonly string[];
}

interface Requests {
  addHook(name: 'onRoute', hook: (route: Route) => void): unknown;
  addHook(name: 'onRequest', hook: (request: Request, reply: Answer, done: () => void) => unknown): unknown;
}

/** What each path answers, by the routes as they are added. */
class Methods {
  private readonly of = new Map<string, Set<string>>();

  add({ url, method }: Route): void {
    const known = this.of.get(url) ?? new Set();
    this.of.set(url, known);
    for (const one of [method].flat()) known.add(one);
  }

  /** Of the routes that a path has by any method. */
  at(url: string): readonly string[] {
    const [path = ''] = url.split('?');
    const found = [...this.of].filter(([route]) => isAt(route, path)).flatMap(([, methods]) => [...methods]);
    return [...new Set(found)].sort();
  }
}

/** `/api/things/:id` is at `/api/things/a`; wildcards are at nothing. */
const isAt = (route: string, path: string): boolean => {
  const [wanted, given] = [route.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => (part.startsWith(':') ? given[i] !== '' : part === given[i]))
  );
};

/** Before any route is added. */
export const guardRequests = (server: Requests, listensAt: string): void => {
  const methods = new Methods();
  server.addHook('onRoute', (route) => methods.add(route));
  server.addHook('onRequest', ({ url, method, headers, is404 }, reply, done) => {
    const refusal = refusalOf(listensAt, url, headers);
    if (refusal !== null) return answer(reply, refusal);
    const allowed = is404 ? methods.at(url) : [];
    if (allowed.length === 0) return done();
    return answer(reply.header('allow', allowed.join(', ')), {
      status: 405,
      why: `${method} is not among what is done here`,
    });
  });
};
