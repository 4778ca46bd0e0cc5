/** No call lasts as long as its timer, and yet this one is still followed: it is listed, and looked at again. */
export class LegFollowed extends Error {
  readonly code = 'LEG_FOLLOWED';
  constructor(readonly attemptId: string) {
    super(`leg ${attemptId} is open longer than any call lasts, and still followed`);
    this.name = 'LegFollowed';
  }
}
