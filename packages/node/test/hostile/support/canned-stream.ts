import { Duplex } from "node:stream";

/**
 * A server in memory: answers the first request that it gets with these pieces, each in a turn of
 * its own, and ends. Costs no socket, so that many can be had.
 */
export class CannedStream extends Duplex {
  readonly #answer: (request: string) => readonly Uint8Array[];
  #request = "";
  #answered = false;

  constructor(answer: (request: string) => readonly Uint8Array[]) {
    super();
    this.#answer = answer;
  }

  /** The head of the request, as far as it has come. */
  get request(): string {
    return this.#request;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.#answered) {
      this.#request += chunk.toString("latin1");
      this.#answered = this.#request.includes("\r\n\r\n");
      if (this.#answered) this.#play([...this.#answer(this.#request)]);
    }
    done();
  }

  #play(pieces: Uint8Array[]): void {
    if (this.destroyed) return;
    const piece = pieces.shift();
    if (piece === undefined) {
      this.push(null);
      return;
    }
    if (piece.length > 0) this.push(piece);
    setImmediate(() => this.#play(pieces));
  }
}
