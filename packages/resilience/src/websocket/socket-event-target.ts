import type { Bind } from "@oath-ws/contract";
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

type Handler<Data, Type extends keyof SocketEventMap> =
  | ((event: SocketEventMap<Data>[Type]) => void)
  | null;

/**
 * The platform's `EventTarget` with the events of a socket: typed listeners, and the `on…`
 * properties of the standard. Where the platform has async contexts, listeners run in the one in
 * which they were added.
 */
export class SocketEventTarget<Data = ArrayBuffer | Blob> extends EventTarget {
  readonly #bind: Bind | undefined;
  readonly #contexts: ListenerContexts | undefined;
  readonly #handlers = new Map<
    keyof SocketEventMap,
    {
      readonly given: Handler<Data, never>;
      readonly bound: ((this: unknown, event: Event) => void) | undefined;
    }
  >();

  /** @param bind keeps the async context; `undefined` where the platform has none */
  constructor(bind: Bind | undefined) {
    super();
    this.#bind = bind;
    this.#contexts = bind && new ListenerContexts(bind);
  }

  override addEventListener<Type extends keyof SocketEventMap>(
    type: Type,
    listener: Handler<Data, Type>,
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
    const bound = isListener(listener) && this.#contexts?.bind(type, listener, options);
    super.addEventListener(type, bound || (listener as AnyListener), options);
  }

  override removeEventListener<Type extends keyof SocketEventMap>(
    type: Type,
    listener: Handler<Data, Type>,
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
    const bound = isListener(listener) && this.#contexts?.unbind(type, listener, options);
    super.removeEventListener(type, bound || (listener as AnyListener), options);
  }

  /**
   * The one replaceable listener for `open`; `null` for none. It keeps the place in which the first
   * one was set.
   */
  get onopen(): Handler<Data, "open"> {
    return this.#handler("open");
  }

  set onopen(handler: Handler<Data, "open">) {
    this.#setHandler("open", handler);
  }

  /** Like {@link onopen}, for `message`. */
  get onmessage(): Handler<Data, "message"> {
    return this.#handler("message");
  }

  set onmessage(handler: Handler<Data, "message">) {
    this.#setHandler("message", handler);
  }

  /** Like {@link onopen}, for `close`. */
  get onclose(): Handler<Data, "close"> {
    return this.#handler("close");
  }

  set onclose(handler: Handler<Data, "close">) {
    this.#setHandler("close", handler);
  }

  /** Like {@link onopen}, for `error`. */
  get onerror(): Handler<Data, "error"> {
    return this.#handler("error");
  }

  set onerror(handler: Handler<Data, "error">) {
    this.#setHandler("error", handler);
  }

  #handler<Type extends keyof SocketEventMap>(type: Type): Handler<Data, Type> {
    return (this.#handlers.get(type)?.given ?? null) as Handler<Data, Type>;
  }

  /** What is no function clears the handler, as the standard has it. */
  #setHandler<Type extends keyof SocketEventMap>(type: Type, handler: Handler<Data, Type>): void {
    if (!this.#handlers.has(type)) {
      super.addEventListener(type, (event: Event) => {
        this.#handlers.get(type)?.bound?.call(this, event);
      });
    }
    this.#handlers.set(
      type,
      typeof handler === "function"
        ? { given: handler, bound: this.#bound(handler as (event: Event) => void) }
        : { given: null, bound: undefined },
    );
  }

  #bound(handler: (event: Event) => void): (this: unknown, event: Event) => void {
    return this.#bind === undefined ? handler : inThisContext(this.#bind, handler);
  }
}

function isListener(value: unknown): value is AnyListener {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}
