import type { EventEmitter } from "node:events";
import { SeededRandom } from "@oath-ws/testing";
import { expect, it } from "vitest";
import * as wsPackage from "ws";
import { FrameDecoder } from "../../src/direct/frame-decoder.js";
import { messageDeflate } from "../../src/direct/message-deflate.js";
import { fromNodeError } from "../../src/errors/from-node-error.js";
import { Notes, pushLent } from "./support/decoding.js";
import type { Decoded } from "./support/decoding.js";
import { StreamGenerator } from "./support/stream-generator.js";

/** The part of `ws` that its types leave out. */
interface Receiver extends EventEmitter {
  write(chunk: Uint8Array): boolean;
  end(): void;
}
const { Receiver, PerMessageDeflate } = wsPackage as unknown as {
  Receiver: new (options: object) => Receiver;
  PerMessageDeflate: (new (
    options: object,
  ) => { accept(offers: object[]): void }) & { extensionName: string };
};

const MAX_MESSAGE_BYTES = 66_000;

interface Story {
  readonly got: readonly Decoded[];
  /** Our name of the violation, as it was before it was translated. */
  readonly code: string | undefined;
}

function ours(pieces: readonly Buffer[], compressed: boolean): Story {
  const receiver = new Notes();
  const deflate = compressed
    ? messageDeflate({ clientWindowBits: 15, serverKeepsContext: false }, {}, MAX_MESSAGE_BYTES)
    : undefined;
  const decoder = new FrameDecoder({
    receiver,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    validateUtf8: true,
    inflate: deflate?.inflate,
  });
  for (const piece of pieces) {
    const violation = pushLent(decoder, piece);
    if (violation === undefined) continue;
    receiver.verify();
    receiver.got.push(["refused", fromNodeError(violation).code]);
    return { got: receiver.got, code: violation.code };
  }
  receiver.verify();
  return { got: receiver.got, code: undefined };
}

/** The same by `ws`. Without compression it is done when the last piece is written. */
async function theirs(pieces: readonly Buffer[], compressed: boolean): Promise<Decoded[]> {
  const extension = new PerMessageDeflate({ isServer: false, maxPayload: MAX_MESSAGE_BYTES });
  extension.accept([{ server_no_context_takeover: [true] }]);
  const receiver = new Receiver({
    isServer: false,
    maxPayload: MAX_MESSAGE_BYTES,
    extensions: compressed ? { [PerMessageDeflate.extensionName]: extension } : {},
  });
  const got: Decoded[] = [];
  let over = false;
  receiver.on("message", (data: Buffer, isBinary: boolean) =>
    got.push([isBinary ? "binary" : "text", data.toString("latin1")]),
  );
  receiver.on("ping", (data: Buffer) => got.push(["ping", data.toString("latin1")]));
  receiver.on("pong", (data: Buffer) => got.push(["pong", data.toString("latin1")]));
  receiver.on("conclude", (code: number, reason: Buffer) => {
    over = true;
    got.push(["close", code, reason.toString("latin1")]);
  });
  const done = new Promise<void>((resolve) => {
    receiver.on("finish", resolve);
    receiver.on("error", (error: unknown) => {
      over = true;
      got.push(["refused", fromNodeError(error).code]);
      resolve();
    });
  });
  for (const piece of pieces) {
    // It concludes or fails in the turn of the write, unless something has to be inflated first.
    if (over) break;
    receiver.write(Buffer.from(piece));
    if (compressed) await new Promise((resolve) => setImmediate(resolve));
  }
  if (!over) receiver.end();
  await done;
  return got;
}

it.each([
  ["plain", 20_261_124, 3000, false],
  ["compressed", 7692, 500, true],
] as const)(
  "%s streams, sound and spoilt and cut anywhere, mean the same to ws and to us (seed %d, %d " +
    "cases)",
  async (_name, seed, cases, compressed) => {
    const random = new SeededRandom(seed);
    const generator = new StreamGenerator(random, compressed);
    const outcomes = { sound: 0, refused: 0, stricter: 0 };
    for (let i = 0; i < cases; i++) {
      const state = String(random);
      const bytes = generator.stream();
      const pieces = generator.pieces(bytes);
      const { got, code } = ours(pieces, compressed);
      const expected = await theirs(pieces, compressed);
      if (code === "WS_ERR_NON_MINIMAL_LENGTH" || code?.startsWith("Z_") === true) {
        // RFC 6455 section 5.2 wants the shortest form; ws takes any. A compressed message that is
        // cut off is delivered by ws as far as it goes.
        outcomes.stricter++;
        expect(expected.slice(0, got.length - 1), state).toEqual(got.slice(0, -1));
        continue;
      }
      expect(got, state).toEqual(expected);
      outcomes[code === undefined ? "sound" : "refused"]++;
    }
    // The generator must not have become so gentle, or so rough, that the comparison is empty.
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(cases / 100);
  },
);
