/** The script needs facts that the account does not bring; another script must be used. */
export class FactsMissing extends Error {
  readonly code = 'facts-missing';
  constructor(
    readonly script: string,
    readonly missing: readonly string[],
  ) {
    super(`Script ${script} cannot be spoken: missing ${missing.join(', ')}`);
  }
}

/** The compiled dialogue exceeds what one call may carry. */
export class DialogueTooLarge extends Error {
  readonly code = 'dialogue-too-large';
  constructor(
    readonly script: string,
    readonly bytes: number,
  ) {
    super(`Dialogue of ${script} has ${bytes} bytes; the limit is 65536`);
  }
}

/** What was received as a dialogue is none, or is not the one its hash names. */
export class InvalidDialogue extends Error {
  readonly code = 'invalid-dialogue';
  constructor(readonly why: string) {
    super(`Not a dialogue: ${why}`);
  }
}
