import { isWsError } from "@oath-ws/contract";
import type { Frame } from "@oath-ws/contract";
import { LeafRecorder } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { campaign, FUZZ_TIMEOUT_MS } from "../../node/test/hostile/support/campaign.js";
import type { Target } from "../../node/test/hostile/support/campaign.js";
import { FakeWebSocket } from "./support/fake-web-socket.js";
import { handshake } from "./support/connections.js";
import { webConnector } from "../src/web-connector.js";

const MAX_MESSAGE_BYTES = 8;

/** What a platform may put into `data`, by name: the names can be varied, the values cannot. */
const DATA: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  null: () => null,
  number: () => 7,
  object: () => ({ byteLength: 3 }),
  array: () => [1, 2, 3],
  blob: () => new Blob(["x"]),
  text: () => "text",
  "no text": () => "",
  "a lone surrogate": () => "\ud800",
  "text of the limit": () => "x".repeat(MAX_MESSAGE_BYTES),
  "text over the limit in UTF-8 only": () => "ü".repeat(MAX_MESSAGE_BYTES - 1),
  "text over the limit": () => "x".repeat(MAX_MESSAGE_BYTES + 1),
  buffer: () => new Uint8Array([1, 2]).buffer,
  "no bytes": () => new ArrayBuffer(0),
  "shared memory": () => new SharedArrayBuffer(2),
  view: () => new Uint16Array(3).subarray(1),
  "data view": () => new DataView(new ArrayBuffer(4), 1, 2),
  "a buffer over the limit": () => new ArrayBuffer(MAX_MESSAGE_BYTES + 1),
};
const CLOSES: Readonly<Record<string, object>> = {
  "close 1000": { code: 1000, reason: "", wasClean: true },
  "close 4999": { code: 4999, reason: "ü", wasClean: true },
  "close 1006": { code: 1006, reason: "", wasClean: false },
  "close 0": { code: 0, reason: "", wasClean: false },
  error: {},
};
const EVENTS = [...Object.keys(DATA), ...Object.keys(CLOSES)];

/** Events of one socket in their order, by name. */
const events: Target<readonly string[]> = {
  modules: /packages\/web\/src/,
  fresh: (random) =>
    Array.from({ length: 1 + random.int(4) }, () => EVENTS[random.int(EVENTS.length)] ?? ""),
  mutate: (random, input, other) =>
    random.int(2) === 0
      ? [...input, ...other].slice(0, 8)
      : [...input].map((name) =>
          random.int(3) === 0 ? (EVENTS[random.int(EVENTS.length)] ?? "") : name,
        ),
  *shrink(input) {
    for (const index of input.keys()) yield input.toSpliced(index, 1);
  },
  async run(input) {
    const connector = webConnector({
      WebSocket: FakeWebSocket,
      maxMessageBytes: MAX_MESSAGE_BYTES,
    });
    const connecting = LeafRecorder.connect(connector, handshake("wss://venue.test/"));
    const socket = FakeWebSocket.last;
    socket.open();
    const connection = await connecting;
    for (const name of input) {
      const data = DATA[name];
      if (data !== undefined) socket.message(data());
      else socket.emit(name.split(" ")[0] ?? "", CLOSES[name] ?? {});
    }
    const over = connection.end !== undefined;
    connection.destroy();
    expect(connection.violations).toEqual([]);
    const frames: Frame[] = [];
    try {
      while (await connection.source.readable()) {
        for (
          let frame = connection.source.take();
          frame !== undefined;
          frame = connection.source.take()
        )
          frames.push(frame);
      }
    } catch (error) {
      if (!isWsError(error)) throw error;
      expect(connection.end?.error).toBe(error);
      return error.code;
    } finally {
      for (const { data } of frames)
        expect(data instanceof Uint8Array && data.length <= MAX_MESSAGE_BYTES).toBe(true);
    }
    // Nothing was lost on the way: without a fault there is a frame for every message before the
    // close frame.
    const ended = input.findIndex((name) => name.startsWith("close"));
    const due = input.slice(0, ended < 0 ? undefined : ended).filter((name) => name in DATA).length;
    expect(frames.filter(({ kind }) => kind !== "close")).toHaveLength(due);
    return over ? "closed" : "open";
  },
};

it(
  "whatever a platform makes of its events is frames, a close or a typed error",
  async () => {
    const { outcomes } = await campaign(events, { runs: 480, seed: 11 });
    expect([...outcomes].toSorted()).toEqual([
      "FRAME_INVALID",
      "MESSAGE_TOO_BIG",
      "SOCKET_LOST",
      "closed",
      "open",
    ]);
  },
  FUZZ_TIMEOUT_MS,
);
