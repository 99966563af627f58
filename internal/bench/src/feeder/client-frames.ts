import type { Buffer } from "node:buffer";

/** What the walker saw, when the last byte of it is there. */
export interface ClientFrameSink {
  data(): void;
  ping(): void;
  close(): void;
}

/**
 * Walks over the masked frames that a client sends, without looking at what is in them (RFC 6455
 * section 5.2). A ping is taken to be empty, as the stack's probes are. It must cost the counting
 * process far less than the frames cost the one that sent them.
 */
export class ClientFrames {
  readonly #sink: ClientFrameSink;
  /** Bytes of a header that a read cut in two. */
  #held = 0;
  #first = 0;
  #short = 0;
  #length = 0;
  #skip = 0;

  constructor(sink: ClientFrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    const end = chunk.length;
    let at = 0;
    while (at < end) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, end - at);
        this.#skip -= step;
        at += step;
        if (this.#skip === 0) this.#tell();
      } else {
        this.#header(chunk[at++] ?? 0);
      }
    }
  }

  #header(byte: number): void {
    this.#held++;
    if (this.#held === 1) {
      this.#first = byte;
      return;
    }
    if (this.#held === 2) {
      this.#short = byte & 0x7f;
      this.#length = this.#short < 126 ? this.#short : 0;
    } else {
      this.#length = this.#length * 256 + byte;
    }
    if (this.#held < (this.#short < 126 ? 2 : this.#short === 126 ? 4 : 10)) return;
    this.#held = 0;
    // The mask, then the payload.
    this.#skip = 4 + this.#length;
  }

  #tell(): void {
    const opcode = this.#first & 0x0f;
    if (opcode === 0x1 || opcode === 0x2) this.#sink.data();
    else if (opcode === 0x9) this.#sink.ping();
    else if (opcode === 0x8) this.#sink.close();
  }
}
