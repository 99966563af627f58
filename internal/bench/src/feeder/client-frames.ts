import type { Buffer } from "node:buffer";

/** What the walker saw. */
export interface ClientFrameSink {
  data(): void;
  ping(): void;
  close(): void;
}

/**
 * Walks over the masked frames that a client sends, without looking at what is in them (RFC 6455 section 5.2). A ping is taken to be
 * empty, as the stack's probes are.
 */
export class ClientFrames {
  readonly #sink: ClientFrameSink;
  /** A header that a read cut in two. */
  readonly #header: number[] = [];
  #skip = 0;

  constructor(sink: ClientFrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      this.#header.push(chunk[at++] ?? 0);
      this.#frame();
    }
  }

  /** Acts when the header is whole. */
  #frame(): void {
    const [first = 0, second = 0] = this.#header;
    if (this.#header.length < 2) return;
    const short = second & 0x7f;
    const extended = short === 127 ? 8 : short === 126 ? 2 : 0;
    if (this.#header.length < 2 + extended) return;
    const length = extended === 0 ? short : this.#header.slice(2).reduce((sum, byte) => sum * 256 + byte, 0);
    this.#header.length = 0;
    // The mask, then the payload.
    this.#skip = 4 + length;
    const opcode = first & 0x0f;
    if (opcode === 0x1 || opcode === 0x2) this.#sink.data();
    else if (opcode === 0x9) this.#sink.ping();
    else if (opcode === 0x8) this.#sink.close();
  }
}
