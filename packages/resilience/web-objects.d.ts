// The objects of the platform that `platform.ts` and `streams` need, as far as they are used. Every
// runtime with a WebSocket has them, and none of them does I/O. These declarations are not part of
// the build: a program that uses that entry sees those of its own platform.

declare class Event {
  constructor(type: string);
  readonly type: string;
}

declare class EventTarget {
  addEventListener(
    type: string,
    listener: ((event: Event) => void) | { handleEvent(event: Event): void } | null,
    options?: object | boolean,
  ): void;
  removeEventListener(
    type: string,
    listener: ((event: Event) => void) | { handleEvent(event: Event): void } | null,
    options?: object | boolean,
  ): void;
  dispatchEvent(event: Event): boolean;
}

declare class DOMException extends Error {
  constructor(message: string, name: string);
}

declare class AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: string, listener: () => void, options: { once: boolean }): void;
}

declare class Blob {
  constructor(parts: readonly Uint8Array[]);
  arrayBuffer(): Promise<ArrayBuffer>;
}

declare class URL {
  constructor(url: string, base?: string);
  readonly href: string;
}

declare class ReadableStream<R> {
  constructor(
    source: {
      pull(controller: { enqueue(chunk: R): void; close(): void }): Promise<void>;
      cancel(): Promise<void>;
    },
    strategy: { readonly highWaterMark: number },
  );
  getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: R }> };
}

declare class WritableStream<W> {
  constructor(
    sink: { write(chunk: W): Promise<void>; close(): Promise<void>; abort(): Promise<void> },
    strategy: { readonly highWaterMark: number },
  );
  getWriter(): { write(chunk: W): Promise<void>; close(): Promise<void> };
}
