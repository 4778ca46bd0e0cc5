/** The file is another one than it was; what was taken of it stays taken. */
export class FileChanged extends Error {
  readonly code = 'FILE_CHANGED';
  constructor(readonly file: string) {
    super(`${file} changed while it was loaded: load it again when it is whole, nothing is taken twice`);
    this.name = 'FileChanged';
  }
}

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
