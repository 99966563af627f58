import type { LifecycleSnapshot, ReceivedFrame, ReconnectingConnection } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { INITIAL_SNAPSHOT } from "../../src/core/initial-snapshot.js";
import { ReadHalf } from "../../src/primitives/read-half.js";
import { Narrator } from "../../src/websocket/narrator.js";

/** A connection of which the test plays both channels, and the story that is told of it. */
function played(): {
  story: string[];
  frame(epoch: number, seq: number): void;
  snapshot(change: Partial<LifecycleSnapshot>): void;
  /** Lets the narrator look at the lifecycle. */
  notify(): void;
  end(error?: WsError): void;
} {
  const frames: ReceivedFrame[] = [];
  const source = new ReadHalf<ReceivedFrame>({
    shift: () => frames.shift(),
    get size() {
      return frames.length;
    },
  });
  const story: string[] = [];
  let snapshot = INITIAL_SNAPSHOT;
  let listener = (): void => undefined;
  const lifecycle = {
    get snapshot() {
      return snapshot;
    },
    subscribe(own: () => void) {
      listener = own;
      return () => undefined;
    },
  };
  new Narrator({ source, lifecycle } as unknown as ReconnectingConnection, {
    opened: (epoch) => story.push(`open ${epoch}`),
    message: ({ seq }) => story.push(`message ${seq}`),
    lagged: (from, to) => story.push(`lag ${from}-${to}`),
    stale: (epoch) => story.push(`stale ${epoch}`),
    waiting: ({ waitingFor, until }) => story.push(`waiting ${waitingFor} ${until}`),
    failed: ({ code }) => story.push(`failed ${code}`),
    closed: ({ epoch, cause, final }) =>
      story.push(`close ${epoch} ${cause?.code ?? "-"}${final ? " final" : ""}`),
  }).start();
  return {
    story,
    frame: (epoch, seq) => {
      frames.push({ ...FRAME, epoch, seq });
      source.wake();
    },
    snapshot: (change) => {
      snapshot = { ...snapshot, ...change };
    },
    notify: () => listener(),
    end: (error) => source.end(error),
  };
}

/** The narrator looks at no more of a frame than its epoch and its place. */
const FRAME = {
  kind: "text",
  data: new Uint8Array(0),
  receivedAt: 0,
  receivedAtUnixMs: 0,
  text: () => "",
  copy: () => {
    throw new Error("the narrator copies nothing");
  },
} as const satisfies Partial<ReceivedFrame>;

function failure(code: string): WsError {
  return new WsError({ kind: "connection", code, message: code });
}

describe("the story", () => {
  it("puts all messages of a connection between its open and its close, though the lifecycle ran ahead", () => {
    const { story, frame, snapshot, notify } = played();
    snapshot({ phase: "connected", epoch: 1 });
    frame(1, 1);
    snapshot({ phase: "reconnecting", cause: failure("LOST") });
    snapshot({ phase: "resumed", epoch: 2 });
    frame(2, 2);
    notify();
    expect(story).toEqual(["open 1", "message 1", "close 1 LOST", "open 2", "message 2"]);
  });

  it("tells each change once", () => {
    const { story, snapshot, notify } = played();
    notify();
    snapshot({ attempts: 1 });
    notify();
    snapshot({ phase: "connected", epoch: 1 });
    notify();
    notify();
    expect(story).toEqual(["open 1"]);
  });

  it("tells of a connection that came and went unseen, with its cause", () => {
    const { story, snapshot, notify } = played();
    snapshot({ phase: "reconnecting", epoch: 1, cause: failure("PEER_CLOSED") });
    notify();
    expect(story).toEqual(["open 1", "close 1 PEER_CLOSED"]);
  });

  it("of several connections that went unseen tells the last, and ends the one that was open", () => {
    const { story, snapshot, notify } = played();
    snapshot({ phase: "connected", epoch: 1 });
    notify();
    snapshot({ phase: "reconnecting", epoch: 4, cause: failure("LOST") });
    notify();
    expect(story).toEqual(["open 1", "close 1 -", "open 4", "close 4 LOST"]);
  });

  it("does not blame the end of a connection on a later failure", () => {
    const { story, frame, snapshot, notify } = played();
    snapshot({ phase: "connected", epoch: 1 });
    notify();
    frame(2, 1);
    snapshot({ phase: "reconnecting", epoch: 2, cause: failure("LATER") });
    notify();
    expect(story).toEqual(["open 1", "close 1 -", "open 2", "message 1", "close 2 LATER"]);
  });

  it("tells of failed attempts, but not of what is no fault", () => {
    const { story, snapshot, notify } = played();
    for (const cause of [failure("ECONNREFUSED"), failure("FORCED"), failure("UPGRADE_REFUSED")]) {
      snapshot({ cause });
      notify();
    }
    snapshot({ phase: "connected", epoch: 1 });
    notify();
    expect(story).toEqual(["failed ECONNREFUSED", "failed UPGRADE_REFUSED", "open 1"]);
  });

  it("tells of an attempt that failed just before one succeeded", () => {
    const { story, snapshot, notify } = played();
    snapshot({ phase: "connected", epoch: 1, cause: failure("ECONNREFUSED") });
    notify();
    expect(story).toEqual(["failed ECONNREFUSED", "open 1"]);
  });

  it("shows holes where they are", () => {
    const { story, frame, notify, snapshot } = played();
    snapshot({ phase: "connected", epoch: 1 });
    for (const seq of [3, 4, 9]) frame(1, seq);
    notify();
    expect(story).toEqual(["open 1", "lag 1-2", "message 3", "message 4", "lag 5-8", "message 9"]);
  });

  it("tells of staleness, once each time", () => {
    const { story, snapshot, notify } = played();
    snapshot({ phase: "connected", epoch: 1 });
    notify();
    snapshot({ phase: "stale", staleCount: 1 });
    notify();
    snapshot({ phase: "connected" });
    notify();
    snapshot({ phase: "stale", staleCount: 2 });
    notify();
    expect(story).toEqual(["open 1", "stale 1", "stale 1"]);
  });

  it("tells of a wait for the gate when it begins, and not of the backoff", () => {
    const { story, snapshot, notify } = played();
    const waits = [
      { waitingFor: "gate", waitingUntil: 5 },
      { waitingFor: "gate", waitingUntil: 7 },
      { waitingFor: undefined, waitingUntil: undefined },
      { waitingFor: "backoff", waitingUntil: 8 },
      { waitingFor: "retryAfter", waitingUntil: 9 },
      { waitingFor: "gate", waitingUntil: undefined },
    ];
    for (const wait of waits) {
      snapshot(wait as Partial<LifecycleSnapshot>);
      notify();
    }
    expect(story).toEqual(["waiting gate 5", "waiting retryAfter 9", "waiting gate undefined"]);
  });

  it.each([
    ["shut down", { phase: "closed" }, "close 1 - final"],
    ["unrecoverable", { phase: "unrecoverable" }, "close 1 LOST final"],
    ["exhausted", { phase: "closed", exhausted: true }, "close 1 LOST final"],
  ] as const)("ends when it is %s, and nothing follows", (_, change, last) => {
    const { story, frame, snapshot, notify } = played();
    snapshot({ phase: "connected", epoch: 1 });
    notify();
    snapshot({ phase: "reconnecting", cause: failure("LOST") });
    snapshot(change);
    frame(1, 1);
    notify();
    notify();
    expect(story).toEqual(["open 1", "message 1", last]);
  });

  it("is told as well when the data ends first, with an error or without", async () => {
    for (const error of [undefined, failure("LOST")]) {
      const { story, frame, snapshot, end } = played();
      snapshot({ phase: "connected", epoch: 1 });
      frame(1, 1);
      await new Promise(setImmediate);
      expect(story).toEqual(["open 1", "message 1"]);
      snapshot({ phase: error === undefined ? "closed" : "unrecoverable", cause: error });
      end(error);
      await new Promise(setImmediate);
      expect(story.at(-1)).toBe(`close 1 ${error?.code ?? "-"} final`);
    }
  });
});
