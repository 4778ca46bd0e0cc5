/**
 * What is going on in this process, counted: the stepped clock moves only when the count is zero. Whoever queues work calls
 * `begin` in the same synchronous step in which the work becomes known, so that quiet is never seen too early.
 */
export interface Activity {
  /** @returns ends this piece of work; calling it twice is harmless. */
  begin(): () => void;
  readonly busy: number;
  /** Pieces of work begun so far: two equal readings with nothing busy mean that nothing happened in between. */
  readonly begun: number;
  /** Resolves when nothing has been going on for one whole turn of the event loop. */
  quiet(): Promise<void>;
}

export const createActivity = (): Activity => {
  let busy = 0;
  let begun = 0;
  let waiting: (() => void)[] = [];
  const settle = () => {
    if (busy !== 0 || waiting.length === 0) return;
    const seen = begun;
    setImmediate(() => {
      if (busy !== 0) return;
      if (begun !== seen) return settle();
      const ready = waiting;
      waiting = [];
      for (const resolve of ready) resolve();
    });
  };
  return {
    begin: () => {
      busy += 1;
      begun += 1;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        busy -= 1;
        settle();
      };
    },
    get busy() {
      return busy;
    },
    get begun() {
      return begun;
    },
    quiet: () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        settle();
      }),
  };
};
