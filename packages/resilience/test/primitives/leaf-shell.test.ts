import type { Frame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { LeafShell } from "../../src/primitives/leaf-shell.js";
import { ping, textFrame, utf8 } from "../support/bytes.js";
import { FakeEvents } from "../support/fake-events.js";

const CLOSE_TIMEOUT_MS = 500;

type Done = (error?: Error | null) => void;

/** A shell whose socket the test plays, with the socket's side made public. */
class PlayedLeaf extends LeafShell {
  readonly protocol = "";
  readonly headers = {};
  readonly controlFrames = true;
  readonly bufferedBytes = 0;
  readonly did: string[] = [];
  readonly written: Done[] = [];
  throws: unknown = undefined;
  /** Runs in {@link terminate}, as a socket that tells of its end at once would. */
  onTerminate = (): void => undefined;

  wasRead(): void {
    this.read();
  }

  wasSent(frame: Parameters<PlayedLeaf["frame"]>[0]): void {
    this.frame(frame);
  }

  wasClosed(code: number): void {
    this.closed(code, utf8("why"));
  }

  hasDropped(frames: number, bytes: number): void {
    this.dropped(frames, bytes);
  }

  hasFailed(error: WsError): void {
    this.failed(error);
  }

  isGone(error?: WsError): void {
    this.gone(error);
  }

  protected write(_frame: Frame | string | Uint8Array, done: Done): void {
    if (this.throws !== undefined) throw this.throws;
    this.did.push("write");
    this.written.push(done);
  }

  protected writeClose(code: number, reason: string): void {
    this.did.push(`close ${code} ${reason}`);
  }

  protected terminate(): void {
    this.did.push("terminate");
    this.onTerminate();
  }
}

function opened(events = new FakeEvents()) {
  const timer = new VirtualTimer();
  const leaf = new PlayedLeaf(events, { timer, closeTimeoutMs: CLOSE_TIMEOUT_MS });
  leaf.open();
  const fates: string[] = [];
  const send = (frame: Frame | string = "x"): void =>
    leaf.send(frame, {
      sent: () => void fates.push("sent"),
      failed: (error) => void fates.push((error as WsError).code),
    });
  const told = (): string[] => events.told.map(([event]) => event);
  const end = (): WsError | undefined => events.told.at(-1)?.[1] as WsError | undefined;
  return { timer, leaf, events, told, end, send, fates };
}

const FAULT = new WsError({ kind: "server", code: "PROTOCOL_ERROR", message: "no" });
const LOST = new WsError({ kind: "connection", code: "ECONNRESET", message: "no" });

describe("the events of a LeafShell", () => {
  it("come in order, and nothing after the end", () => {
    const { leaf, told } = opened();
    leaf.wasRead();
    leaf.wasSent(textFrame("a"));
    leaf.wasClosed(1000);
    leaf.wasSent(textFrame("after the close frame"));
    leaf.wasClosed(1001);
    leaf.isGone();
    leaf.wasRead();
    leaf.wasSent(ping("late"));
    leaf.hasFailed(FAULT);
    leaf.isGone(LOST);
    expect(told()).toEqual(["opened", "read", "frame", "closed", "ended"]);
  });

  it.each([
    ["the peer's close, however the socket dies", "PEER_CLOSED", ["closed", LOST]],
    ["what the peer broke", "PROTOCOL_ERROR", ["failed", LOST]],
    ["why the socket died", "ECONNRESET", [LOST]],
    ["that it was lost, when it is not known why", "SOCKET_LOST", [undefined]],
  ] as const)("say at the end %s", (_name, code, steps) => {
    const { leaf, end } = opened();
    for (const step of steps) {
      if (step === "closed") leaf.wasClosed(4000);
      else if (step === "failed") leaf.hasFailed(FAULT);
      else leaf.isGone(step);
    }
    expect(end()?.code).toBe(code);
  });

  it.each(["closed", "failed", "gone"])("name no error when the owner closed, then %s", (step) => {
    const { leaf, told, end } = opened();
    leaf.close();
    if (step === "closed") leaf.wasClosed(1000);
    if (step === "failed") leaf.hasFailed(FAULT);
    leaf.isGone(LOST);
    expect([told().at(-1), end()]).toEqual(["ended", undefined]);
  });

  it("stamp reads with the clock, once each", () => {
    const { timer, leaf, events } = opened();
    timer.advance(7);
    leaf.wasRead();
    expect(events.told.at(-1)).toEqual(["read", 7]);
  });
});

describe("destroy() of a LeafShell", () => {
  it("ends within the call, once, also when the socket tells of its end in it", () => {
    const { leaf, told } = opened();
    leaf.onTerminate = () => leaf.isGone(LOST);
    leaf.destroy();
    expect(told()).toEqual(["opened", "ended"]);
    leaf.destroy();
    leaf.isGone();
    expect([told(), leaf.did]).toEqual([["opened", "ended"], ["terminate"]]);
  });

  it("tells first what the socket drops because of it, and nothing of that later", () => {
    const { leaf, events, told } = opened();
    leaf.onTerminate = () => leaf.hasDropped(2, 30);
    leaf.destroy();
    leaf.hasDropped(2, 30);
    expect(told()).toEqual(["opened", "dropped", "ended"]);
    expect(events.told[1]).toEqual(["dropped", [2, 30]]);
  });

  it("still drops a socket that lives on to send its close frame", () => {
    const { leaf } = opened();
    leaf.hasFailed(FAULT);
    expect(leaf.did).toEqual([]);
    leaf.destroy();
    expect(leaf.did).toEqual(["terminate"]);
  });

  it("within opened() tells the end after it", () => {
    const events = new (class extends FakeEvents {
      override opened(connection: PlayedLeaf): void {
        super.opened(connection);
        connection.destroy();
      }
    })();
    expect(opened(events).told()).toEqual(["opened", "ended"]);
  });
});

describe("a send over a LeafShell", () => {
  it("is told once what the socket says", () => {
    const { leaf, send, fates } = opened();
    for (let i = 0; i < 3; i++) send();
    leaf.written[0]?.();
    leaf.written[1]?.(new Error("EPIPE"));
    leaf.written[0]?.(new Error("again"));
    leaf.isGone();
    leaf.written[2]?.();
    expect(fates).toEqual(["sent", "SEND_FATE_UNKNOWN", "SEND_FATE_UNKNOWN"]);
  });

  it("settles before the end is told", () => {
    let atEnd: readonly string[] = [];
    const events = new (class extends FakeEvents {
      override ended(error: WsError | undefined): void {
        super.ended(error);
        atEnd = [...fates];
      }
    })();
    const { leaf, send, fates } = opened(events);
    send();
    leaf.destroy();
    expect(atEnd).toEqual(["SEND_FATE_UNKNOWN"]);
  });

  it("is refused when it cannot leave", () => {
    const { leaf, send, fates } = opened();
    send({ kind: "close", code: 1000, data: utf8("") });
    leaf.throws = new WsError({ kind: "throttled", code: "SEND_QUEUE_FULL", message: "full" });
    send();
    leaf.throws = new TypeError("odd");
    send();
    leaf.wasClosed(1000);
    send();
    leaf.close();
    send();
    expect(fates).toEqual([
      "FRAME_INVALID",
      "SEND_QUEUE_FULL",
      "SEND_FAILED",
      "NOT_CONNECTED",
      "SINK_CLOSED",
    ]);
    expect(leaf.did).toEqual(["close 1000 "]);
  });
});

describe("close() of a LeafShell", () => {
  it("writes one close frame, and is bounded in time", () => {
    const { timer, leaf, told, end } = opened();
    leaf.close(3000, "enough");
    leaf.close(3001, "again");
    leaf.wasSent(textFrame("still"));
    timer.advance(CLOSE_TIMEOUT_MS - 1);
    expect(told()).toEqual(["opened", "frame"]);
    timer.advance(1);
    expect(leaf.did).toEqual(["close 3000 enough", "terminate"]);
    expect([told().at(-1), end()]).toEqual(["ended", undefined]);
    expect(timer.pendingCount).toBe(0);
  });

  it.each(["closed", "failed"] as const)("by the peer (%s) is bounded too", (step) => {
    const { timer, leaf, told, end } = opened();
    if (step === "closed") leaf.wasClosed(4001);
    else leaf.hasFailed(FAULT);
    timer.advance(CLOSE_TIMEOUT_MS);
    expect(leaf.did).toEqual(["terminate"]);
    expect([told().at(-1), end()?.code]).toEqual([
      "ended",
      step === "closed" ? "PEER_CLOSED" : "PROTOCOL_ERROR",
    ]);
  });

  it("hears an answer that lay in the socket while our own loop was blocked", () => {
    const { timer, leaf, told } = opened();
    leaf.close();
    timer.scheduleArrival(10, () => {
      leaf.wasClosed(1000);
      leaf.isGone();
    });
    timer.stall(CLOSE_TIMEOUT_MS * 2);
    expect(leaf.did).toEqual(["close 1000 "]);
    expect([told(), timer.pendingCount]).toEqual([["opened", "closed", "ended"], 0]);
  });

  it("throws for what cannot be sent, and leaves no timer when the socket is gone first", () => {
    const { timer, leaf } = opened();
    expect(() => leaf.close(1001)).toThrow(expect.objectContaining({ code: "FRAME_INVALID" }));
    expect(leaf.did).toEqual([]);
    leaf.close();
    leaf.isGone();
    expect(timer.pendingCount).toBe(0);
    leaf.close();
    expect(leaf.did).toEqual(["close 1000 "]);
  });
});
