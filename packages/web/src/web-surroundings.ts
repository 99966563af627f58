import type { Surroundings } from "@oath-ws/contract";

/** What is used of a page or a worker, by shape; a process has none of it. */
interface Page {
  readonly navigator?: { readonly onLine?: boolean };
  readonly document?: EventSource & { readonly visibilityState?: string };
  readonly addEventListener?: EventSource["addEventListener"];
  readonly removeEventListener?: EventSource["removeEventListener"];
}

interface EventSource {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/**
 * The surroundings of a page or a worker: `online` and `offline` of the global scope, and in a page
 * `visibilitychange` to `visible`, `resume` and `pageshow`. Where the platform has none of them
 * (Node, Deno and Bun as a rule) nothing is ever reported.
 */
export const webSurroundings: Surroundings = watched(globalThis as unknown as Page);

/** {@link webSurroundings} of a given scope. */
export function watched(scope: Page): Surroundings {
  return {
    watch(listener) {
      const listeners = new Map<string, () => void>([
        ["online", () => listener("online")],
        ["offline", () => listener("offline")],
        // A page that comes back from the cache for "back" was frozen.
        ["pageshow", () => listener("awake")],
      ]);
      const { document } = scope;
      const awake = (): void => {
        if (document?.visibilityState !== "hidden") listener("awake");
      };
      for (const [type, run] of listeners) scope.addEventListener?.(type, run);
      for (const type of PAGE_EVENTS) document?.addEventListener(type, awake);
      if (scope.navigator?.onLine === false) listener("offline");
      return () => {
        for (const [type, run] of listeners) scope.removeEventListener?.(type, run);
        for (const type of PAGE_EVENTS) document?.removeEventListener(type, awake);
      };
    },
  };
}

/** `resume` follows a freeze; it is told to the document. */
const PAGE_EVENTS = ["visibilitychange", "resume"] as const;
