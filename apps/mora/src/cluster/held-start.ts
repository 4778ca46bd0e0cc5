/** While services start, one may wait for a person's word on lost history: the command line reaches them all the same. */
import { type ControlServer, serveControl } from '../control.js';
import { type Asked, HELD, historyMethods } from '../methods.js';

export interface HeldStart {
  readonly dataDir: string;
  readonly history: Asked['history'];
  readonly note: (message: string) => void;
}

/** @param starting told of whoever is held, each as often as it is asked @returns what `starting` does */
export const answeringWhileHeld = async <T>(
  { dataDir, history, note }: HeldStart,
  starting: (onHeld: (service: string, why: string) => void) => Promise<T>,
): Promise<T> => {
  const told = new Set<string>();
  let control: Promise<ControlServer> | null = null;
  try {
    return await starting((service, why) => {
      if (told.has(service)) return;
      told.add(service);
      note(`${service}: ${why}. ${HELD}`);
      control ??= serveControl(dataDir, historyMethods({ history }), HELD);
      control.catch((error: unknown) => note(String(error)));
    });
  } finally {
    await (control as Promise<ControlServer> | null)?.then(
      (open) => open.close(),
      () => undefined,
    );
  }
};
