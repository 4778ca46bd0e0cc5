/** The wanted port is taken. */
export class PortInUse extends Error {
  readonly code = 'PORT_IN_USE';
  constructor(
    readonly port: number,
    options?: ErrorOptions,
  ) {
    super(`Port ${port} on this machine is taken by another program; free it or choose another port`, options);
    this.name = 'PortInUse';
  }
}
