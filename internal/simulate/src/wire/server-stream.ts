import { extentOf, OPCODES } from "./frames.js";

/**
 * Reads what a server sends on one connection: the answer to the upgrade, then frames without
 * masks. Written apart from the client's own codec, so that both cannot share a misunderstanding.
 */
export class ServerStream {
  readonly #onMessage: (payload: Buffer) => void;
  readonly #onClose: () => void;
  #bytes: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  /** What came of a message in several frames. */
  #parts: Buffer[] = [];

  /**
   * @param onMessage told of each message of text when it is whole
   * @param onClose told of the close frame
   */
  constructor(onMessage: (payload: Buffer) => void, onClose: () => void) {
    this.#onMessage = onMessage;
    this.#onClose = onClose;
  }

  push(bytes: Uint8Array): void {
    this.#bytes =
      this.#bytes.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#bytes, bytes]);
    if (!this.#isUpgraded && !this.#readAnswer()) return;
    while (this.#readFrame()) {
      // Everything happens in #readFrame().
    }
  }

  #readAnswer(): boolean {
    const end = this.#bytes.indexOf("\r\n\r\n");
    if (end === -1) return false;
    this.#bytes = this.#bytes.subarray(end + 4);
    this.#isUpgraded = true;
    return true;
  }

  #readFrame(): boolean {
    const bytes = this.#bytes;
    const extent = extentOf(bytes);
    if (extent === undefined) return false;
    const { headLength: start, length } = extent;
    if (bytes.length < start + length) return false;
    this.#bytes = bytes.subarray(start + length);
    this.#frame(bytes.readUInt8(0), bytes.subarray(start, start + length));
    return true;
  }

  #frame(head: number, payload: Buffer): void {
    const opcode = head & 0x0f;
    if (opcode === OPCODES.close) return this.#onClose();
    if (opcode !== OPCODES.text && opcode !== OPCODES.continuation) return;
    this.#parts.push(payload);
    if ((head & 0x80) === 0) return;
    const message = this.#parts.length === 1 ? payload : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#onMessage(message);
  }
}
