/**
 * What a server's bytes were. Control frames but for the close, which ends the stream, are of no
 * interest.
 */
export interface ScannedFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const HEAD_END = "\r\n\r\n";

/**
 * Reads what a server sends, the upgrade response included, independently of `ws`: the record of
 * what reached the client's socket must not come from the code that is being checked. Knows
 * unfragmented frames, which is all that our server sends. After a close frame, or anything that
 * breaks RFC 6455, nothing counts any more.
 */
export class FrameScanner {
  readonly #onData: (payload: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);
  #state: "head" | "frames" | "over" = "head";

  /** @param onData called with the payload of every data frame */
  constructor(onData: (payload: Buffer) => void) {
    this.#onData = onData;
  }

  push(bytes: Buffer): void {
    if (this.#state === "over") return;
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (this.#state === "head" && !this.#skipHead()) return;
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      if (frame.opcode === 8 || (frame.opcode > 2 && frame.opcode < 8) || frame.opcode > 10) {
        this.#state = "over";
        return;
      }
      if (frame.opcode <= 2) this.#onData(frame.payload);
    }
  }

  #skipHead(): boolean {
    const end = this.#rest.indexOf(HEAD_END);
    if (end < 0) return false;
    // What came behind the head in the same read is put back into the stream by Node and comes
    // again.
    this.#rest = Buffer.alloc(0);
    this.#state = "frames";
    return true;
  }

  #next(): ScannedFrame | undefined {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    const short = bytes.readUInt8(1) & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < start) return undefined;
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(2)
          : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < start + length) return undefined;
    this.#rest = bytes.subarray(start + length);
    return { opcode: bytes.readUInt8(0) & 0x0f, payload: bytes.subarray(start, start + length) };
  }
}
