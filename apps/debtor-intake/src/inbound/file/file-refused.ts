/** The file cannot be read at all; nothing of it was taken. Never quotes a cell: what stands in it may be personal. */
export class FileRefused extends Error {
  readonly code = 'FILE_REFUSED';
  /** @param line 0: the file as a whole */
  constructor(
    readonly file: string,
    readonly line: number,
    readonly field: string,
    readonly reason: string,
  ) {
    super(`${[file, ...(line > 0 ? [`line ${line}`] : []), ...(field === '' ? [] : [field])].join(', ')}: ${reason}`);
    this.name = 'FileRefused';
  }
}
