import type { Announcement, Dialect } from "./driver.js";
import type { FaultId } from "./fault.js";

/** From the parent to the process of a driver. */
export type ToDriver =
  /** Answered with `started`, or `failed`. */
  | { readonly type: "start"; readonly url: string }
  /** The application reads slowly from now on, or at once whatever there is. */
  | { readonly type: "pace"; readonly slow: boolean }
  /** The provider rejects the next time it is asked; answered with `armed`. */
  | { readonly type: "rejectOnce" }
  /** The application sends numbered texts until `stopSending`. */
  | { readonly type: "send"; readonly intervalMs: number }
  | { readonly type: "stopSending" }
  /** The client replaces its connection. */
  | { readonly type: "renew" }
  /** Answered with everything that is not reported yet, and `finished`. */
  | { readonly type: "finish" };

/** From the process of a driver to the parent. */
export type FromDriver =
  | ({ readonly type: "ready" } & DriverFacts)
  | ({ readonly type: "started" } & DriverSkills)
  /**
   * The module cannot be loaded, is no driver, its client cannot be started, or it reports what
   * cannot be.
   */
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "armed" }
  /** Pairs of first and last number. */
  | {
      readonly type: "frames";
      readonly ranges: readonly (readonly [first: number, last: number])[];
    }
  | { readonly type: "said"; readonly what: Announcement; readonly detail: string }
  /** Without a count: the client does not say how many. */
  | { readonly type: "lost"; readonly count: number | undefined }
  | { readonly type: "closed"; readonly detail: string }
  | { readonly type: "sending"; readonly id: number }
  | { readonly type: "refused"; readonly id: number }
  /** A rejection or a throw was not handled: without the harness the process had ended. */
  | { readonly type: "unhandled"; readonly detail: string }
  | { readonly type: "memory"; readonly rssBytes: number }
  | { readonly type: "finished" };

/** What a driver says of itself. */
export interface DriverFacts {
  readonly title: string | undefined;
  readonly dialect: Dialect | undefined;
  readonly asksProvider: boolean;
  readonly notes: Readonly<Partial<Record<FaultId | "all", string>>>;
}

/** What a client that runs can be asked. */
export interface DriverSkills {
  readonly sends: boolean;
  readonly renews: boolean;
}
