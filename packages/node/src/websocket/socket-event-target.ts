import { inThisContext, ListenerContexts } from "./listener-contexts.js";
import type { AnyListener } from "./listener-contexts.js";
import type { SocketEventMap } from "./socket-events.js";

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
 * the standard. Listeners run in the async context in which they were added.
 */
export class SocketEventTarget extends EventTarget {
  readonly #contexts = new ListenerContexts();
  readonly #handlers = new Map<
    keyof SocketEventMap,
    { readonly given: Handler<never>; readonly bound: ReturnType<typeof inThisContext> | undefined }
  >();

  override addEventListener<Type extends keyof SocketEventMap>(
    type: Type,
    listener: Handler<Type>,
    options?: SocketListenOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: AnyListener | null,
    options?: SocketListenOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: unknown,
    options?: SocketListenOptions | boolean,
  ): void {
    super.addEventListener(
      type,
      isListener(listener)
        ? this.#contexts.bind(type, listener, options)
        : (listener as AnyListener),
      options,
    );
  }

  override removeEventListener<Type extends keyof SocketEventMap>(
    type: Type,
    listener: Handler<Type>,
    options?: SocketListenOptions | boolean,
  ): void;
  override removeEventListener(
    type: string,
    listener: AnyListener | null,
    options?: SocketListenOptions | boolean,
  ): void;
  override removeEventListener(
    type: string,
    listener: unknown,
    options?: SocketListenOptions | boolean,
  ): void {
    // Node's own code removes a listener by the form that was added, when its signal aborts.
    const bound = isListener(listener) && this.#contexts.unbind(type, listener, options);
    super.removeEventListener(type, bound || (listener as AnyListener), options);
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
    return (this.#handlers.get(type)?.given ?? null) as Handler<Type>;
  }

  /** What is no function clears the handler, as the standard has it. */
  #setHandler<Type extends keyof SocketEventMap>(type: Type, handler: Handler<Type>): void {
    if (!this.#handlers.has(type)) {
      super.addEventListener(type, (event: Event) => {
        this.#handlers.get(type)?.bound?.call(this, event);
      });
    }
    this.#handlers.set(
      type,
      typeof handler === "function"
        ? { given: handler, bound: inThisContext(handler as (event: Event) => void) }
        : { given: null, bound: undefined },
    );
  }
}

function isListener(value: unknown): value is AnyListener {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}
