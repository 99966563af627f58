/**
 * Waiting until every promise reaction has run. There is no way to see the promise queue; but it is
 * always empty before the host begins another macrotask. The host's functions are taken by shape,
 * since this package compiles without any host's types, and once, when it is loaded, so that a test
 * runner's fake timers do not stop them.
 */
interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: unknown) => void) | null;
}

interface Host {
  readonly setImmediate?: (run: () => void) => unknown;
  readonly MessageChannel?: new () => { readonly port1: Port; readonly port2: Port };
  readonly setTimeout: (run: () => void, ms: number) => unknown;
}

const { setImmediate, MessageChannel, setTimeout } = globalThis as unknown as Host;

/** Calls `run` in the next macrotask, as soon as the host can. */
function pickDefer(): (run: () => void) => void {
  if (setImmediate !== undefined) return (run) => void setImmediate(run);
  if (MessageChannel === undefined) return (run) => void setTimeout(run, 0);
  // Browsers: a message is delivered at once, where setTimeout waits for at least 4 ms after a few
  // calls.
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(undefined);
  };
}

const defer = pickDefer();

/**
 * Resolves once every promise reaction that is queued now, and all that these queue, have run.
 * Takes no time on any clock.
 */
export function microtasksDrained(): Promise<void> {
  return new Promise((resolve) => {
    defer(resolve);
  });
}
