/** What a test waited for did not happen in time. */
export class NeverHappened extends Error {
  readonly code = 'NEVER_HAPPENED';
  constructor(what: string, timeoutMs: number, options?: ErrorOptions) {
    super(`${what}: did not happen within ${timeoutMs} ms`, options);
    this.name = 'NeverHappened';
  }
}

/**
 * Asks again and again until the answer is truthy, and returns it; an answer that throws counts as "not yet".
 * @throws NeverHappened with the last error as cause.
 */
export const waitFor = async <T>(
  what: string,
  ask: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<NonNullable<T>> => {
  const { timeoutMs = 10_000, everyMs = 10 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new NeverHappened(what, timeoutMs, { cause });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
