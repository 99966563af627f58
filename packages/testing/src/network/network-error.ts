/** An error of the simulated network, with the `code` that Node gives for the same. */
export class NetworkError extends Error {
  readonly code: string;
  /** The call that failed: `connect`, `read`, `write`, `getaddrinfo`, ... */
  readonly syscall: string;

  constructor(syscall: string, code: string, where = "") {
    super(`${syscall} ${code}${where === "" ? "" : ` ${where}`}`);
    this.name = "NetworkError";
    this.code = code;
    this.syscall = syscall;
  }
}
