/** Requests of ordinary size always pass: nobody's large ones keep a permit or a feed waiting. */
const LARGE = 1_024 * 1_024;
const MOST = 32 * LARGE;

/** Large requests that are being answered, together: each of them alone fits into the heap. */
export class BytesInHand {
  private bytes = 0;

  /** @returns false when there is no room now */
  take(bytes: number): boolean {
    if (bytes <= LARGE) return true;
    if (this.bytes + bytes > MOST) return false;
    this.bytes += bytes;
    return true;
  }

  /** @param bytes as they were taken; 0: nothing */
  give(bytes: number): void {
    if (bytes > LARGE) this.bytes -= bytes;
  }
}
