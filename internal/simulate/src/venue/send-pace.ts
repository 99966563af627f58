import { demand } from "../core/violated.js";
import { ClientStream, headerOf, OPCODES } from "../wire/frames.js";
import type { Stage } from "./stage.js";

const ROUNDING_MS = 1.5;

/** What leaves on each WebSocket is counted against the venue's limit. REST speaks no frames. */
export class SendPace {
  readonly #streams = new Map<number, ClientStream>();
  readonly #now: () => number;
  readonly #limit: () => Stage["sendLimit"] | undefined;

  constructor(now: () => number, limit: () => Stage["sendLimit"] | undefined) {
    this.#now = now;
    this.#limit = limit;
  }

  /** The client's system has taken what was written to the socket of this dial. */
  took(dial: number, bytes: Uint8Array): void {
    let stream = this.#streams.get(dial);
    if (stream === undefined) {
      stream = this.#stream();
      this.#streams.set(dial, stream);
    }
    stream.push(bytes);
  }

  #stream(): ClientStream {
    const leftAt: number[] = [];
    let isWebSocket = false;
    return new ClientStream(
      (head) => {
        const path = head.split(" ")[1] ?? "";
        const isLimited = path.startsWith(this.#limit()?.path ?? "/");
        isWebSocket = headerOf(head, "upgrade") !== "" && isLimited;
      },
      ({ opcode }) => {
        if (opcode === OPCODES.close) return;
        leftAt.push(this.#now());
        if (opcode === OPCODES.text) this.#check(leftAt);
      },
      () => isWebSocket,
    );
  }

  #check(leftAt: readonly number[]): void {
    const { max, windowMs } = this.#limit() ?? { max: 1, windowMs: 0 };
    const first = leftAt[leftAt.length - 1 - max];
    const last = leftAt.at(-1) ?? 0;
    demand(
      first === undefined || last - first >= windowMs - ROUNDING_MS,
      "sends stay within every window",
      () => `${max + 1} frames in ${last - (first ?? 0)} ms`,
    );
  }
}
