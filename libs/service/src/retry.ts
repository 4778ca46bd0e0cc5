/** Work that may fail for a while is tried again: the one way in which services do that. */
import { Inject, Injectable } from '@nestjs/common';
import { PAUSE } from './tokens.js';

export interface Tries {
  readonly tries: number;
  /** Before the second try, wall milliseconds; each further pause is twice as long. */
  readonly firstMs: number;
  /** Default: everything but refusals and bugs of ours is tried again. */
  readonly mayPass?: (error: unknown) => boolean;
  readonly onFailure?: (error: unknown) => void;
}

@Injectable()
export class Retry {
  constructor(@Inject(PAUSE) private readonly pause: (ms: number) => Promise<void>) {}

  /** @throws the last error */
  async run<T>(work: () => Promise<T>, { tries, firstMs, mayPass = mayPassByItself, onFailure }: Tries): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await work();
      } catch (error) {
        onFailure?.(error);
        if (tried >= tries || !mayPass(error)) throw error;
        await this.pause(firstMs * 2 ** (tried - 1));
      }
    }
  }
}

const mayPassByItself = (error: unknown): boolean =>
  !(error instanceof Error && (error.name === 'CommandRefused' || error instanceof TypeError));
