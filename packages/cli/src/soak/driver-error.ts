/** A client that cannot be driven here, and why. */
export class DriverError extends Error {
  override readonly name = "DriverError";
}
