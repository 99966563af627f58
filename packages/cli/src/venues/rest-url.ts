/**
 * The address of REST where the streams are: a venue that is not the live one serves both at one
 * place. `undefined` for the live venue, and for what is no WebSocket address, which the adapter
 * refuses.
 */
export function restUrlOf(url: string | undefined): string | undefined {
  return url !== undefined && /^wss?:/.test(url) ? url.replace(/^ws/, "http") : undefined;
}
