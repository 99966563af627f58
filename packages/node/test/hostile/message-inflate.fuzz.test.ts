import { Buffer } from "node:buffer";
import { expect, it } from "vitest";
import { messageDeflate } from "../../src/direct/message-deflate.js";
import { ProtocolViolation } from "../../src/leaf/protocol-violation.js";
import { mutateBytes, shrinkBytes } from "./support/byte-mutations.js";
import { campaign, FUZZ_TIMEOUT_MS } from "./support/campaign.js";
import type { Target } from "./support/campaign.js";

const MAX_MESSAGE_BYTES = 4096;

const { inflate, deflate } = messageDeflate(
  { clientWindowBits: 15, serverKeepsContext: false },
  { threshold: 0 },
  MAX_MESSAGE_BYTES,
);

/**
 * An empty last block, an empty stored block, the beginnings of a fixed and of a dynamic one, a
 * bomb's middle.
 */
const TOKENS = [
  [0x03, 0],
  [0, 0, 0, 0xff, 0xff],
  [0x63, 0],
  [0x05, 0xc0, 0x81],
  [0xed, 0xc1, 1, 1],
].map((bytes) => Buffer.from(bytes));

const payloads: Target<Buffer> = {
  modules: /\/src\/(direct\/message-deflate|leaf\/(message-inflate|protocol-violation))/,
  fresh(random) {
    const length = random.int(3) === 0 ? random.int(3 * MAX_MESSAGE_BYTES) : random.int(200);
    const alphabet = 1 + random.int(256);
    const plain = Buffer.from(Array.from({ length }, () => random.int(alphabet)));
    const packed = deflate(plain) ?? Buffer.alloc(0);
    // What was deflated comes back as it was, unless it is too much.
    if (length <= MAX_MESSAGE_BYTES && !inflate(packed).equals(plain))
      throw new Error(`not what it was: ${plain.toString("hex")}`);
    return packed;
  },
  mutate: (random, input, other) => mutateBytes(random, input, other, TOKENS),
  shrink: shrinkBytes,
  run(input) {
    try {
      const { length } = inflate(input);
      if (length > MAX_MESSAGE_BYTES) throw new Error(`${length} bytes came out`);
      return `inflated ${Math.clz32(length)}`;
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      if (error.closeCode !== 1007 && error.closeCode !== 1009) throw error;
      const cause = error.cause instanceof Error ? error.cause.message.slice(0, 40) : "";
      return `${error.code} ${cause}`;
    }
  },
};

it(
  "any bytes give a message within the limit, or a violation",
  async () => {
    const { outcomes } = await campaign(payloads, { runs: 4800, seed: 1951 });
    const reached = [...outcomes].join("\n");
    for (const fault of [
      "inflated",
      "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
      "invalid block type",
      "invalid distance",
      "invalid code lengths set",
    ]) {
      expect(reached).toContain(fault);
    }
  },
  FUZZ_TIMEOUT_MS,
);
