import type { Frame } from "@oath-ws/contract";
import { toUtf8 } from "../utf8.js";
import { define } from "./case.js";
import type { CaseDefinition } from "./case.js";
import { check, checkFrame, checkSame } from "./check.js";
import { noise } from "./payloads.js";

/** Pings, pongs, and frames that cannot be sent. */
export const CONTROL_CASES: readonly CaseDefinition[] = [
  define("control: the connection says whether it has control frames", async (s) => {
    const { leaf } = await s.open();
    checkSame(leaf.connection.controlFrames, s.harness.capabilities.controlFrames, "controlFrames");
  }),

  define(
    "control: a ping is handed over in its place, and not answered by the leaf",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.send({ kind: "text", data: toUtf8("before") });
      peer.send({ kind: "ping", data: toUtf8("1753267") });
      peer.send({ kind: "ping", data: new Uint8Array(0) });
      peer.send({ kind: "text", data: toUtf8("after") });
      checkFrame(await s.take(leaf), "text", toUtf8("before"), "the frame before the pings");
      checkFrame(await s.take(leaf), "ping", toUtf8("1753267"), "the ping");
      checkFrame(await s.take(leaf), "ping", new Uint8Array(0), "the empty ping");
      checkFrame(await s.take(leaf), "text", toUtf8("after"), "the frame after the pings");
      // A pong of the leaf's own would have left before this.
      await s.within(leaf.send("marker"), "a send");
      checkFrame(
        await s.within(peer.next(), "the marker"),
        "text",
        toUtf8("marker"),
        "the first frame from the client",
      );
    },
    "controlFrames",
  ),

  define(
    "control: a pong reaches the peer with its payload",
    async (s) => {
      const { leaf, peer } = await s.open();
      for (const data of [toUtf8("1753267"), new Uint8Array(0), noise(125)]) {
        await s.within(leaf.send({ kind: "pong", data }), "a pong");
        checkFrame(
          await s.within(peer.next(), "the pong"),
          "pong",
          data,
          `a pong of ${data.length} bytes`,
        );
      }
    },
    "controlFrames",
  ),

  define(
    "control: a ping reaches the peer, and its pong is handed over",
    async (s) => {
      const { leaf, peer } = await s.open();
      await s.within(leaf.send({ kind: "ping", data: toUtf8("are you there") }), "a ping");
      checkFrame(
        await s.within(peer.next(), "the ping"),
        "ping",
        toUtf8("are you there"),
        "the ping",
      );
      peer.send({ kind: "pong", data: toUtf8("are you there") });
      checkFrame(await s.take(leaf), "pong", toUtf8("are you there"), "the pong");
    },
    "controlFrames",
  ),

  define(
    "control: a leaf without control frames refuses to send them and shows none",
    async (s) => {
      const { leaf, peer } = await s.open();
      await s.checkRefused(
        leaf,
        { kind: "ping", data: new Uint8Array(0) },
        "a ping",
        "FRAME_INVALID",
      );
      peer.send({ kind: "ping", data: toUtf8("hello") });
      peer.send({ kind: "text", data: toUtf8("data") });
      checkFrame(await s.take(leaf), "text", toUtf8("data"), "the first frame");
    },
    "!controlFrames",
  ),

  define(
    "control: a payload of more than 125 bytes is refused, and the connection stays up",
    async (s) => {
      const { leaf, peer } = await s.open();
      await s.checkRefused(
        leaf,
        { kind: "ping", data: noise(126) },
        "a ping of 126 bytes",
        "FRAME_INVALID",
      );
      await s.checkRefused(
        leaf,
        { kind: "pong", data: noise(126) },
        "a pong of 126 bytes",
        "FRAME_INVALID",
      );
      await s.checkAlive({ leaf, peer });
    },
  ),

  define(
    "control: a close frame cannot be sent as a frame, and the connection stays up",
    async (s) => {
      const { leaf, peer } = await s.open();
      const frame: Frame = { kind: "close", code: 1000, data: new Uint8Array(0) };
      await s.checkRefused(leaf, frame, "sending a close frame", "FRAME_INVALID");
      await s.checkAlive({ leaf, peer });
    },
  ),

  define(
    "control: what is no frame is refused by rejecting, and the connection stays up",
    async (s) => {
      const { leaf, peer } = await s.open();
      const nonsense: unknown[] = [
        undefined,
        null,
        7,
        {},
        [],
        { kind: "text" },
        { kind: "text", data: "x" },
        { kind: "odd", data: noise(1) },
      ];
      for (const value of nonsense) {
        await s.checkRefused(
          leaf,
          value as Frame,
          `sending ${JSON.stringify(value) ?? "undefined"}`,
          "FRAME_INVALID",
        );
      }
      await s.checkAlive({ leaf, peer });
      check(leaf.end === undefined, "the connection is over");
    },
  ),
];
