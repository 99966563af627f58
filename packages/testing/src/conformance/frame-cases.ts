import type { Frame } from "@oath-ws/contract";
import { toUtf8 } from "../utf8.js";
import { define } from "./case.js";
import type { CaseDefinition } from "./case.js";
import { check, checkBytes, checkFrame, checkSame, started } from "./check.js";
import { LENGTHS, noise, prose, TEXTS } from "./payloads.js";

/** Data frames, both ways. */
export const FRAME_CASES: readonly CaseDefinition[] = [
  define("frames: text from the peer arrives byte for byte, empty and long ones too", async (s) => {
    const { leaf, peer } = await s.open();
    const texts = [...TEXTS, ...LENGTHS.map(prose)].map(toUtf8);
    for (const data of texts) peer.send({ kind: "text", data });
    for (const data of texts)
      checkFrame(await s.take(leaf), "text", data, `a text of ${data.length} bytes`);
  }),

  define(
    "frames: binary from the peer arrives byte for byte, empty and long ones too",
    async (s) => {
      const { leaf, peer } = await s.open();
      for (const length of LENGTHS) peer.send({ kind: "binary", data: noise(length) });
      for (const length of LENGTHS) {
        checkFrame(await s.take(leaf), "binary", noise(length), `a payload of ${length} bytes`);
      }
    },
  ),

  define("frames: a string is sent as text, byte for byte", async (s) => {
    const { leaf, peer } = await s.open();
    for (const text of [...TEXTS, ...LENGTHS.map(prose)]) {
      await s.within(leaf.send(text), "a send");
      const data = toUtf8(text);
      checkFrame(
        await s.within(peer.next(), "the text"),
        "text",
        data,
        `a text of ${data.length} bytes`,
      );
    }
  }),

  define("frames: a Uint8Array is sent as binary, byte for byte", async (s) => {
    const { leaf, peer } = await s.open();
    for (const length of LENGTHS) {
      await s.within(leaf.send(noise(length)), "a send");
      const arrived = await s.within(peer.next(), "the payload");
      checkFrame(arrived, "binary", noise(length), `a payload of ${length} bytes`);
    }
  }),

  define("frames: a Frame is sent as the kind that it names", async (s) => {
    const { leaf, peer } = await s.open();
    await s.within(leaf.send({ kind: "text", data: toUtf8("{}") }), "a send");
    await s.within(leaf.send({ kind: "binary", data: toUtf8("{}") }), "a send");
    checkFrame(await s.within(peer.next(), "the text"), "text", toUtf8("{}"), "the text");
    checkFrame(
      await s.within(peer.next(), "the binary frame"),
      "binary",
      toUtf8("{}"),
      "the binary frame",
    );
  }),

  define(
    "frames: of a view into a larger buffer only the view is sent, and it is not changed",
    async (s) => {
      const { leaf, peer } = await s.open();
      const whole = noise(300);
      await s.within(leaf.send(whole.subarray(100, 200)), "a send");
      checkBytes(whole, noise(300), "the sender's buffer");
      checkFrame(
        await s.within(peer.next(), "the payload"),
        "binary",
        noise(300).slice(100, 200),
        "the payload",
      );
    },
  ),

  define("frames: once a send has settled its buffer may be used again", async (s) => {
    const { leaf, peer } = await s.open();
    const buffer = noise(2_000, 1);
    await s.within(leaf.send(buffer), "a send");
    buffer.fill(0);
    checkFrame(
      await s.within(peer.next(), "the payload"),
      "binary",
      noise(2_000, 1),
      "the payload",
    );
  }),

  define("frames: they arrive in the order in which the peer sent them", async (s) => {
    const { leaf, peer } = await s.open();
    const frames = mixture(300);
    for (const frame of frames) peer.send(frame);
    for (const [index, frame] of frames.entries()) {
      checkFrame(await s.take(leaf), frame.kind, frame.data, `frame ${index}`);
    }
  }),

  define(
    "frames: they leave in the order of the calls, without waiting for each other",
    async (s) => {
      const { leaf, peer } = await s.open();
      const frames = mixture(300);
      const sends = frames.map((frame) => started(() => leaf.send(frame), "send()"));
      await s.within(Promise.all(sends), "300 sends");
      for (const [index, frame] of frames.entries()) {
        checkFrame(
          await s.within(peer.next(), `frame ${index}`),
          frame.kind,
          frame.data,
          `frame ${index}`,
        );
      }
    },
  ),

  define("frames: what came with the upgrade response is not lost, and comes first", async (s) => {
    const early: Frame[] = [
      { kind: "text", data: toUtf8("first") },
      { kind: "binary", data: noise(5_000) },
      { kind: "text", data: toUtf8("third") },
    ];
    const { leaf, peer } = await s.open({ early });
    // By the time of this round trip everything early has long arrived.
    await s.within(leaf.send("later"), "a send");
    await s.within(peer.next(), "the sent frame");
    peer.send({ kind: "text", data: toUtf8("fourth") });
    for (const frame of early)
      checkFrame(await s.take(leaf), frame.kind, frame.data, "an early frame");
    checkFrame(await s.take(leaf), "text", toUtf8("fourth"), "the frame after the early ones");
  }),

  define("frames: a close that came with the upgrade response is not lost", async (s) => {
    const early: Frame[] = [
      { kind: "text", data: toUtf8("go away") },
      { kind: "close", code: 4001, data: toUtf8("busy") },
    ];
    const { leaf } = await s.open({ early });
    const frames = await s.drain(leaf);
    checkSame(frames.map((frame) => frame.kind).join(), "text,close", "the frames");
    const close = frames[1];
    check(close?.kind === "close" && close.code === 4001, "the close code was not 4001");
  }),

  define(
    "frames: the reader of a payload owns it: changing it harms no later frame, and no later " +
      "frame changes it",
    async (s) => {
      const { leaf, peer } = await s.open();
      for (let salt = 0; salt < 20; salt++) peer.send({ kind: "binary", data: noise(600, salt) });
      const first = await s.take(leaf);
      first.data.fill(0xff);
      const second = await s.take(leaf);
      for (let salt = 2; salt < 20; salt++) {
        const frame = await s.take(leaf);
        checkBytes(frame.data, noise(600, salt), `frame ${salt}`);
        frame.data.fill(0xee);
      }
      checkBytes(first.data, new Uint8Array(600).fill(0xff), "the first frame, taken long ago");
      checkBytes(second.data, noise(600, 1), "the second frame, taken long ago");
    },
  ),
];

function mixture(count: number): Frame[] {
  return Array.from({ length: count }, (_, index): Frame => {
    if (index % 3 === 0) return { kind: "binary", data: noise((index * 37) % 900, index) };
    return { kind: "text", data: toUtf8(`message ${index}`) };
  });
}
