/** A service's settings: read once from the environment into a frozen object, or a failure that names each variable. */
import { ConfigInvalid } from './errors.js';

/** Reads one variable's text. It throws a reason that never contains the text: values may be secrets. */
export interface Setting<T> {
  readonly parse: (text: string) => T;
  /** Undefined: the variable must be set. */
  readonly fallback: T | undefined;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Config<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** Why a variable's text cannot be taken; the reason is told, so it must not quote the text. */
export class Unfit extends Error {}

export const setting =
  <T>(parse: (text: string) => T) =>
  (fallback?: T): Setting<T> => ({ parse, fallback });

export const text = setting((value) => value);

export const integer = (range: { readonly min: number; readonly max: number }, fallback?: number): Setting<number> =>
  setting((value) => {
    const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.min && number <= range.max) return number;
    throw new Unfit(`must be a whole number from ${range.min} to ${range.max}`);
  })(fallback);

export const port = (fallback?: number): Setting<number> => integer({ min: 0, max: 65_535 }, fallback);

export const flag = setting((value) => {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off)$/i.test(value)) return false;
  throw new Unfit('must be true or false');
});

export const oneOf = <const T extends readonly string[]>(choices: T, fallback?: T[number]): Setting<T[number]> =>
  setting<T[number]>((value) => {
    if (choices.includes(value)) return value;
    throw new Unfit(`must be one of ${choices.join(', ')}`);
  })(fallback);

/** `host:port`. */
export const address = setting((value) => {
  const match = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(value);
  if (match !== null && Number(match[2]) > 0 && Number(match[2]) <= 65_535) return value;
  throw new Unfit('must be host:port');
});

/** Bytes in base64, such as a key. */
export const bytes = (length: number, fallback?: Uint8Array): Setting<Uint8Array> =>
  setting<Uint8Array>((value) => {
    const decoded = Buffer.from(value, 'base64');
    const isBase64 = decoded.toString('base64').replace(/=+$/, '') === value.replace(/=+$/, '');
    if (isBase64 && decoded.length === length) return decoded;
    throw new Unfit(`must be ${length} bytes in base64`);
  })(fallback);

/** `{ grpcPort }` under the prefix `MORA_DIALER` is the variable `MORA_DIALER_GRPC_PORT`. An empty variable counts as unset. */
export const variableOf = (prefix: string, key: string): string =>
  `${prefix}_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** @throws ConfigInvalid naming every variable that is missing or malformed. */
export const readConfig = <S extends Settings>(
  settings: S,
  env: Readonly<Record<string, string | undefined>>,
  prefix: string,
): Config<S> => {
  const problems: { variable: string; problem: string }[] = [];
  const read = Object.entries(settings).map(([key, { parse, fallback }]) => {
    const variable = variableOf(prefix, key);
    const value = env[variable]?.trim();
    if (value === undefined || value === '') {
      if (fallback === undefined) problems.push({ variable, problem: 'is not set' });
      return [key, fallback];
    }
    try {
      return [key, parse(value)];
    } catch (error) {
      problems.push({ variable, problem: error instanceof Unfit ? error.message : 'is malformed' });
      return [key, undefined];
    }
  });
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return Object.freeze(Object.fromEntries(read)) as Config<S>;
};
