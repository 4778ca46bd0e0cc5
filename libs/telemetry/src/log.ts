/** Structured logs with nothing personal: what could name or reach a debtor is cut out by its field's name. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

const PERSONAL = [
  'name',
  'surname',
  'number',
  'phone',
  'phones',
  'text',
  'spoken',
  'heard',
  'speech',
  'customerNo',
  'password',
  'pepper',
  'key',
  'token',
  'authorization',
  'signature',
];

export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface LogOptions {
  readonly service: string;
  /** Further fields of every line. */
  readonly more?: () => Readonly<Record<string, string>>;
  readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Standard error by default: standard output belongs to the program's answer. */
  readonly destination?: DestinationStream;
}

export const createLog = (options: LogOptions): Logger =>
  pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      ...(options.more ? { mixin: options.more } : {}),
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: PERSONAL.flatMap((field) => [field, `*.${field}`, `*.*.${field}`, `*.*.*.${field}`]),
        censor: '[personal]',
      },
      serializers: { error: plainError, err: plainError },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );

/** Neither a driver's `detail` (it quotes row values) nor a request gets into the log. */
const plainError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const cause = error.cause instanceof Error ? plainError(error.cause) : undefined;
  return { type: error.name, message: error.message, code, stack: error.stack, cause };
};
