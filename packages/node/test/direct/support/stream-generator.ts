import { Buffer } from "node:buffer";
import { deflateRawSync, constants } from "node:zlib";
import type { SeededRandom } from "@oath-ws/testing";
import { closePayload, frame, OP } from "../../support/frames.js";

/**
 * Draws byte streams as a server might send them, and spoils them with an eye for their structure.
 */
export class StreamGenerator {
  readonly #random: SeededRandom;
  readonly #compressed: boolean;

  /**
   * @param compressed some messages are, and none is fragmented then: two decoders may notice a bad
   *   one at different fragments
   */
  constructor(random: SeededRandom, compressed: boolean) {
    this.#random = random;
    this.#compressed = compressed;
  }

  /** A whole number from 0 to `end - 1`. */
  below(end: number): number {
    return Math.floor(this.#random.next() * end);
  }

  /** The frames of a few messages, or what is left of them. */
  stream(): Buffer {
    const frames = Array.from({ length: 1 + this.below(6) }, () => this.#message()).flat();
    if (this.below(4) === 0) frames.push(frame(OP.close, this.#closePayload()));
    const spoils = this.below(3) === 0 ? 0 : 1 + this.below(3);
    for (let i = 0; i < spoils && frames.length > 0; i++) this.#spoil(frames);
    return Buffer.concat(frames);
  }

  /** Pieces of any size, many of them tiny unless that would make too many. */
  pieces(bytes: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    const largest = Math.max([2, 5, 40, 3000, 100_000][this.below(5)] ?? 1, bytes.length / 100);
    for (let at = 0; at < bytes.length; ) {
      const to = at + 1 + this.below(Math.ceil(largest));
      pieces.push(Buffer.from(new Uint8Array(bytes.subarray(at, to)).buffer));
      at = to;
    }
    return pieces;
  }

  #message(): Buffer[] {
    const kind = this.below(10);
    if (kind === 0) return [frame(OP.ping, this.#bytes(this.below(126)))];
    if (kind === 1) return [frame(OP.pong, this.#bytes(this.below(126)))];
    const opcode = kind < 7 ? OP.text : OP.binary;
    const data = opcode === OP.text ? Buffer.from(this.#text()) : this.#bytes(this.#length());
    if (this.#compressed)
      return [
        this.below(4) === 0 ? frame(opcode, data) : frame(opcode, deflated(data), { rsv: 4 }),
      ];
    if (this.below(3) > 0) return [frame(opcode, data)];
    return this.#fragments(opcode, data);
  }

  #fragments(opcode: number, data: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let first = opcode;
    let at = 0;
    for (let left = this.below(4); left > 0; left--) {
      const to = at + this.below(data.length - at + 1);
      frames.push(frame(first, data.subarray(at, to), { fin: false }));
      if (this.below(3) === 0) frames.push(frame(OP.ping, String(left)));
      first = OP.continuation;
      at = to;
    }
    frames.push(frame(first, data.subarray(at)));
    return frames;
  }

  #spoil(frames: Buffer[]): void {
    const at = this.below(frames.length);
    const victim = Buffer.from(frames[at] ?? []);
    frames[at] = victim;
    switch (this.below(9)) {
      case 0: // a bit of the first byte: FIN, a reserved bit or the opcode
        victim[0] = (victim[0] ?? 0) ^ (1 << this.below(8));
        return;
      case 1: // the length, or the mask bit
        victim[1] = (victim[1] ?? 0) ^ (1 << this.below(8));
        return;
      case 2: {
        // any byte, most likely of the payload
        const where = this.below(victim.length);
        victim[where] = this.below(256);
        return;
      }
      case 3:
        frames.splice(at, 1);
        return;
      case 4:
        frames.splice(this.below(frames.length), 0, victim);
        return;
      case 5:
        frames[at] = victim.subarray(0, this.below(victim.length));
        return;
      case 6:
        frames.length = at + 1;
        frames[at] = victim.subarray(0, this.below(victim.length));
        return;
      case 7: // a length in a longer form than it needs, or one beyond all limits
        frames[at] = Buffer.concat([
          Buffer.from([
            victim[0] ?? 0,
            127,
            ...(this.below(2) === 0 ? [0, 0, 0, 0, 0, 0, 0] : this.#bytes(7)),
            this.below(256),
          ]),
          victim.subarray(2),
        ]);
        return;
      default:
        frames.splice(this.below(frames.length), 0, this.#bytes(1 + this.below(12)));
    }
  }

  #closePayload(): Buffer {
    if (this.below(5) === 0) return this.#bytes(this.below(4));
    return closePayload(
      [1000, 1001, 1004, 1006, 1012, 1015, 2999, 3000, 4999, 5000][this.below(10)] ?? 1000,
      "é".repeat(this.below(20)),
    );
  }

  #length(): number {
    return (
      [
        this.below(30),
        this.below(300),
        120 + this.below(12),
        this.below(3000),
        65_530 + this.below(12),
      ][this.below(5)] ?? 0
    );
  }

  #text(): string {
    const letters = ["a", "é", "€", "𝄞", "plain ascii "];
    let text = "";
    for (let left = this.below(60); left > 0; left--)
      text += letters[this.below(letters.length)] ?? "";
    return text;
  }

  #bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length, "never mind");
    for (let i = 0; i < Math.min(length, 200); i++) bytes[i] = this.below(256);
    return bytes;
  }
}

function deflated(data: Buffer): Buffer {
  const bytes = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, bytes.length - 4);
}
