/** Answers of what failed over HTTP: problem+json (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const TITLE: Readonly<Record<number, string>> = {
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Too large',
  415: 'Unsupported media type',
  500: 'Internal error',
  503: 'Unavailable',
};

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** @param code literal code of the error, if it has one that is told */
export const problemOf = (status: number, detail: string, code: string | null = null): Problem => ({
  type: code === null ? 'about:blank' : `urn:mora:problem:${code.toLowerCase().replaceAll('_', '-')}`,
  title: TITLE[status] ?? 'Error',
  status,
  detail,
});
