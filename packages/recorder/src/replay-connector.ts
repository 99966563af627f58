import { ConfigError, urlFault, WsError } from "@oath-ws/contract";
import type { ConfigIssue, Timer, WsConnector } from "@oath-ws/contract";
import { numberFault, unknownOptionIssues } from "@oath-ws/resilience";
import { leafConnector, urlInvalid } from "@oath-ws/resilience/leaf";
import type { Dial } from "@oath-ws/resilience/leaf";
import { fileIssues } from "./reader.js";
import type { MalformedLine } from "./reader.js";
import { replayPlan } from "./replay-plan.js";
import type { ReplayEpoch } from "./replay-plan.js";
import { ReplaySocket } from "./replay-socket.js";

/** Options of {@link replayConnector}. */
export interface ReplayOptions {
  /** Paces the replay: that of the stack above, a virtual one in tests. */
  readonly timer: Timer;
  /** How many times faster than recorded, above 0; `"max"` leaves out all pauses. Default 1. */
  readonly speed?: number | "max" | undefined;
  /**
   * How long the client is waited for where the recorded one had sent a frame, in milliseconds of
   * the timer. Default 1 000.
   */
  readonly sendWaitMs?: number | undefined;
}

/** A recording as a connector, for `stack()`. */
export interface ReplayConnector extends WsConnector {
  /**
   * Resolves when the last epoch was told to its end, or when a dial came after it. A connection
   * whose end was not recorded stays open; shut it down.
   */
  readonly ended: Promise<void>;
  /** Lines that could not be read. */
  readonly malformed: readonly MalformedLine[];
  /** What the recording says of itself. */
  readonly about: Readonly<Record<string, string>>;
  /** Epochs with frames. */
  readonly epochs: number;
}

/**
 * Loads a recording of one connection into memory and replays it: the first dial gets its first
 * epoch, and so on; each ends as it ended. Dials after the last one fail with `REPLAY_ENDED`. What
 * the client sends is taken and goes nowhere; the recorded answers come where they stood.
 *
 * @param files of one connection, in the order in which they were written
 * @throws ConfigError listing everything that is wrong with the options; the platform's error for a
 *   file that cannot be read
 */
export async function replayConnector(
  files: string | readonly string[],
  options: ReplayOptions,
): Promise<ReplayConnector> {
  const issues = [...fileIssues(files), ...replayIssues(options)];
  if (issues.length > 0) throw new ConfigError(issues);
  const { timer, speed = 1, sendWaitMs = 1_000 } = options;
  const { epochs, malformed, about } = await replayPlan(files);
  const factor = speed === "max" ? Infinity : speed;
  const queue = new EpochQueue(epochs, { timer, speed: factor, sendWaitMs });
  const connector = leafConnector(
    ({ url }) => {
      const fault = urlFault(url);
      return fault === undefined ? undefined : urlInvalid(fault);
    },
    (dial) => queue.dial(dial),
  );
  return { ...connector, ended: queue.ended, malformed, about, epochs: epochs.length };
}

const KEYS: Readonly<Record<keyof ReplayOptions, true>> = {
  timer: true,
  speed: true,
  sendWaitMs: true,
};

function replayIssues(given: ReplayOptions): ConfigIssue[] {
  const issues = unknownOptionIssues(given ?? null, KEYS);
  const { timer, speed = 1, sendWaitMs = 1_000 } = Object(given) as Partial<ReplayOptions>;
  for (const method of ["now", "schedule"] as const)
    if (typeof timer?.[method] !== "function")
      issues.push({ path: "timer", message: `must have a method ${method}()` });
  const speedFault = speed === "max" ? undefined : numberFault({ above: 0 }, speed);
  if (speedFault !== undefined) issues.push({ path: "speed", message: `${speedFault}, or "max"` });
  const waitFault = numberFault({ min: 0 }, sendWaitMs);
  if (waitFault !== undefined) issues.push({ path: "sendWaitMs", message: waitFault });
  return issues;
}

class EpochQueue {
  readonly ended: Promise<void>;
  readonly #epochs: readonly ReplayEpoch[];
  readonly #pace: Pick<Required<ReplayOptions>, "timer"> & {
    readonly speed: number;
    readonly sendWaitMs: number;
  };
  #next = 0;
  #resolveEnded: () => void = () => undefined;
  /** When the epoch before ended, by the timer and by the recording. */
  #before: { readonly at: number; readonly recordedMs: number } | undefined;

  constructor(
    epochs: readonly ReplayEpoch[],
    pace: { readonly timer: Timer; readonly speed: number; readonly sendWaitMs: number },
  ) {
    this.#epochs = epochs;
    this.#pace = pace;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  dial({ handshake, events, signal, resolve, reject }: Dial): void {
    const { timer } = this.#pace;
    const epoch = this.#epochs[this.#next];
    if (epoch === undefined) {
      this.#resolveEnded();
      reject(replayEnded());
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = timer.schedule(this.#pauseBefore(epoch), () => {
      signal?.removeEventListener("abort", onAbort);
      this.#next++;
      const protocol = handshake.protocols[0] ?? "";
      const onDone = (recordedMs: number): void => {
        this.#before = { at: timer.now(), recordedMs };
        if (this.#next === this.#epochs.length) this.#resolveEnded();
      };
      const socket = new ReplaySocket({ ...this.#pace, epoch, events, protocol, onDone });
      resolve(socket.open());
    });
    signal?.addEventListener("abort", onAbort);
  }

  /** What is left of the recorded outage. */
  #pauseBefore({ openedAtMs }: ReplayEpoch): number {
    const { timer, speed } = this.#pace;
    const before = this.#before;
    if (before === undefined || openedAtMs === undefined || speed === Infinity) return 0;
    const outageMs = (openedAtMs - before.recordedMs) / speed;
    return Math.max(0, outageMs - (timer.now() - before.at));
  }
}

function replayEnded(): WsError {
  const message = "The recording has no further connection: everything was replayed.";
  return new WsError({ kind: "client", code: "REPLAY_ENDED", message });
}
