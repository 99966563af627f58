/**
 * Handles the rejection of what a callback returned, if that is a promise: a callback that should
 * not be `async` must not end the process by an unhandled rejection.
 */
export function onRejection(returned: unknown, handle: (error: unknown) => void): void {
  if (typeof returned !== "object" || returned === null || !("then" in returned)) return;
  Promise.resolve(returned).then(undefined, handle);
}
