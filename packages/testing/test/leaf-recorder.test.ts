import type { LeafConnection, WsConnector } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { LeafRecorder } from "../src/leaf-recorder.js";

const HANDSHAKE = { url: "wss://venue.test/", protocols: [], headers: {} };
const DATA = new Uint8Array(0);

function connection(part: Partial<LeafConnection> = {}): LeafConnection {
  return {
    protocol: "",
    headers: {},
    controlFrames: true,
    bufferedBytes: 0,
    send: (_, outcome) => outcome.sent(),
    close: () => undefined,
    destroy: () => undefined,
    ...part,
  };
}

function opened(part: Partial<LeafConnection> = {}): LeafRecorder {
  const recorder = new LeafRecorder();
  recorder.opened(connection(part));
  return recorder;
}

describe("LeafRecorder", () => {
  it("keeps frames and the close frame for a reader, and the rest in fields", async () => {
    const recorder = opened();
    recorder.read(5);
    recorder.frame({ kind: "text", data: DATA });
    recorder.closed(4000, "why");
    const ended = recorder.untilEnded();
    const error = new WsError({ kind: "connection", code: "PEER_CLOSED", message: "x" });
    recorder.ended(error);
    const kinds: string[] = [];
    for await (const { kind } of recorder.source) kinds.push(kind);
    expect(kinds).toEqual(["text", "close"]);
    expect(await ended).toBe(error);
    expect([recorder.lastReadAt, recorder.closeInfo]).toEqual([5, { code: 4000, reason: "why" }]);
    expect(recorder.violations).toEqual([]);
  });

  it("fails its reader with the error of an end without a close frame", async () => {
    const recorder = opened();
    const error = new WsError({ kind: "connection", code: "SOCKET_LOST", message: "x" });
    recorder.ended(error);
    await expect(recorder.source.readable()).rejects.toBe(error);
  });

  it.each<[string, (recorder: LeafRecorder) => unknown]>([
    ["opened() was not the first event", (r) => r.opened(connection())],
    ["frame() came before any read()", (r) => r.frame({ kind: "text", data: DATA })],
    ["read() told of an earlier time than the one before", (r) => [r.read(2), r.read(1)]],
    ["dropped() was called twice", (r) => [r.dropped(1, 2), r.dropped(1, 2)]],
    ["dropped() told of no frame", (r) => r.dropped(0, 0)],
    ["dropped() came after ended()", (r) => [r.ended(undefined), r.dropped(1, 2)]],
    ["closed() was called twice", (r) => [r.closed(1000, ""), r.closed(1000, "")]],
    [
      "frame() came after closed()",
      (r) => [r.read(1), r.closed(1000, ""), r.frame({ kind: "text", data: DATA })],
    ],
    ["read() came after ended()", (r) => [r.ended(undefined), r.read(1)]],
    ["ended() came after ended()", (r) => [r.ended(undefined), r.ended(undefined)]],
  ])("notes that %s", (sentence, act) => {
    const recorder = opened();
    act(recorder);
    expect(recorder.violations).toEqual([sentence]);
  });

  it("notes an event before opened(), an outcome told twice, and a send that throws", async () => {
    const early = new LeafRecorder();
    early.ended(undefined);
    expect(early.violations).toEqual(["ended() came before opened()"]);
    const twice = opened({
      send: (_, outcome) => {
        outcome.sent();
        outcome.sent();
      },
    });
    await twice.send("x");
    expect(twice.violations).toEqual(["the outcome of a send was told twice"]);
    const throwing = opened({
      send: () => {
        throw new Error("odd");
      },
    });
    await expect(throwing.send("x")).rejects.toThrow("odd");
    expect(throwing.violations).toEqual(["send() threw: Error: odd"]);
  });

  it("notes a connect() that resolves with another connection", async () => {
    const connector: WsConnector = {
      connect: (_, events) => {
        events.opened(connection());
        return Promise.resolve(connection());
      },
    };
    const { violations } = await LeafRecorder.connect(connector, HANDSHAKE);
    expect(violations).toEqual(["connect() resolved with another connection than opened() told"]);
  });
});
