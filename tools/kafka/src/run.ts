import { spawn } from 'node:child_process';

export interface Outcome {
  /** 127 when the program does not exist. */
  readonly code: number;
  /** Standard output, then standard error. */
  readonly output: string;
}

/** Runs a program to its end. */
export const run = (
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 128, output: Buffer.concat([...out, ...err]).toString() }));
  });

/** The last lines of a long text. */
export const tail = (text: string, lines: number): string => text.trimEnd().split('\n').slice(-lines).join('\n');
