import type { SocketEventMap } from "./socket-events.js";

/** A listener of some event. */
export type SocketListener = ((event: Event) => void) | { handleEvent(event: Event): void };

/** How to listen; as for any `EventTarget`. */
export interface SocketListenOptions {
  readonly capture?: boolean;
  readonly once?: boolean;
  readonly passive?: boolean;
  readonly signal?: AbortSignal;
}

type Handler<Type extends keyof SocketEventMap> = ((event: SocketEventMap[Type]) => void) | null;

/**
 * Node's `EventTarget` with the events of a socket: typed listeners, and the `on…` properties of
 * the standard.
 */
export class SocketEventTarget extends EventTarget {
  readonly #handlers = new Map<keyof SocketEventMap, Handler<never>>();

  override addEventListener<Type extends keyof SocketEventMap>(
    type: Type,
    listener: Handler<Type>,
    options?: SocketListenOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: SocketListener | null,
    options?: SocketListenOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: unknown,
    options?: SocketListenOptions | boolean,
  ): void {
    super.addEventListener(type, listener as SocketListener, options);
  }

  override removeEventListener<Type extends keyof SocketEventMap>(
    type: Type,
    listener: Handler<Type>,
    options?: SocketListenOptions | boolean,
  ): void;
  override removeEventListener(
    type: string,
    listener: SocketListener | null,
    options?: SocketListenOptions | boolean,
  ): void;
  override removeEventListener(
    type: string,
    listener: unknown,
    options?: SocketListenOptions | boolean,
  ): void {
    super.removeEventListener(type, listener as SocketListener, options);
  }

  /**
   * The one replaceable listener for `open`; `null` for none. It keeps the place in which the first
   * one was set.
   */
  get onopen(): Handler<"open"> {
    return this.#handler("open");
  }

  set onopen(handler: Handler<"open">) {
    this.#setHandler("open", handler);
  }

  /** Like {@link onopen}, for `message`. */
  get onmessage(): Handler<"message"> {
    return this.#handler("message");
  }

  set onmessage(handler: Handler<"message">) {
    this.#setHandler("message", handler);
  }

  /** Like {@link onopen}, for `close`. */
  get onclose(): Handler<"close"> {
    return this.#handler("close");
  }

  set onclose(handler: Handler<"close">) {
    this.#setHandler("close", handler);
  }

  /** Like {@link onopen}, for `error`. */
  get onerror(): Handler<"error"> {
    return this.#handler("error");
  }

  set onerror(handler: Handler<"error">) {
    this.#setHandler("error", handler);
  }

  #handler<Type extends keyof SocketEventMap>(type: Type): Handler<Type> {
    return (this.#handlers.get(type) ?? null) as Handler<Type>;
  }

  /** What is no function clears the handler, as the standard has it. */
  #setHandler<Type extends keyof SocketEventMap>(type: Type, handler: Handler<Type>): void {
    if (!this.#handlers.has(type)) {
      super.addEventListener(type, (event: Event) => {
        this.#handlers.get(type)?.call(this, event as never);
      });
    }
    this.#handlers.set(type, typeof handler === "function" ? handler : null);
  }
}
