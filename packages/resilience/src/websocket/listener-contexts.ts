import type { Bind } from "@oath-ws/contract";

/** A function or an object, as `addEventListener` takes it. */
export type AnyListener = ((event: Event) => void) | { handleEvent(event: Event): void };

type Bound = (this: unknown, event: Event) => void;

/** What of the listen options decides how long a listener stays, and which one it is. */
interface Options {
  readonly capture?: boolean;
  readonly once?: boolean;
  readonly signal?: AbortSignal;
}

/** Makes a listener run in the async context in which this was called (`AsyncLocalStorage`). */
export function inThisContext(bind: Bind, listener: AnyListener): Bound {
  return bind(function (this: unknown, event: Event): void {
    if (typeof listener === "function") listener.call(this, event);
    else listener.handleEvent(event);
  });
}

/**
 * The bound forms of the listeners of one target. Events are dispatched in the context of whatever
 * caused them, for instance of the request that asked for a reconnect; a listener runs in the one
 * in which it was added. The same listener, type and phase have one bound form while they are
 * registered, so that the target still knows them for the same.
 */
export class ListenerContexts {
  readonly #bound = new WeakMap<AnyListener, Map<string, Bound>>();
  readonly #bind: Bind;

  constructor(bind: Bind) {
    this.#bind = bind;
  }

  /** The form to add. */
  bind(type: string, listener: AnyListener, options: Options | boolean | undefined): Bound {
    const key = keyOf(type, options);
    const forms = this.#bound.get(listener) ?? new Map<string, Bound>();
    this.#bound.set(listener, forms);
    const known = forms.get(key);
    if (known !== undefined) return known;
    const inContext = inThisContext(this.#bind, listener);
    const { once, signal }: Options = typeof options === "object" ? options : {};
    let bound = inContext;
    if (once === true) {
      bound = function (this: unknown, event) {
        forms.delete(key);
        inContext.call(this, event);
      };
    }
    signal?.addEventListener("abort", () => forms.delete(key), { once: true });
    if (signal?.aborted !== true) forms.set(key, bound);
    return bound;
  }

  /** The form to remove; `undefined` when the listener is not registered. */
  unbind(
    type: string,
    listener: AnyListener,
    options: Options | boolean | undefined,
  ): Bound | undefined {
    const key = keyOf(type, options);
    const forms = this.#bound.get(listener);
    const bound = forms?.get(key);
    forms?.delete(key);
    return bound;
  }
}

function keyOf(type: string, options: Options | boolean | undefined): string {
  const capture = typeof options === "object" ? options.capture === true : options === true;
  return `${capture ? "capture" : "bubble"} ${type}`;
}
