import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Dialect } from "../driver.js";
import { encodeFrame, FrameReader, OPCODE } from "./wire.js";

/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Makes a frame that is cut in its middle long enough to have one. */
const CUT_PAD = "x".repeat(1_000);

/** The 101 for a request, with the first subprotocol that is offered. */
export function switching(request: IncomingMessage): string {
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1")
    .update(key + ACCEPT_SUFFIX)
    .digest("base64");
  const [protocol] = (request.headers["sec-websocket-protocol"] ?? "").split(",");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
  ];
  if (protocol !== undefined && protocol !== "")
    lines.push(`Sec-WebSocket-Protocol: ${protocol.trim()}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** One WebSocket connection of a client, at the server. */
export class Peer {
  readonly #socket: Socket;
  readonly #dialect: Dialect;
  readonly #reader: FrameReader = new FrameReader();
  readonly #onText: (text: string) => void;
  /** The groups of the subscription, once there is one. */
  #subscription: readonly string[] | undefined;
  #state: "frozen" | "live" | "mute" = "live";

  /** @param target of the request for the upgrade: path and query */
  constructor(socket: Socket, target: string, dialect: Dialect, onText: (text: string) => void) {
    this.#socket = socket;
    this.#dialect = dialect;
    this.#onText = onText;
    if (dialect.answers?.some(({ subscribes }) => subscribes === true) !== true)
      this.#subscription = [];
    if (dialect.subscribedBy !== undefined && new RegExp(dialect.subscribedBy).test(target))
      this.#subscription = [];
    socket.on("data", (bytes) => this.#read(bytes));
  }

  /** Whether it is to be sent data. */
  get wantsData(): boolean {
    return this.#subscription !== undefined && this.#state === "live" && this.#socket.writable;
  }

  /** Whether what was written already has not left yet. */
  get behind(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Sends a data frame with this number. */
  sendFrame(id: number, pad: string): void {
    this.#write(OPCODE.text, this.#frame(id, pad));
  }

  /**
   * Neither reads nor writes any more. The kernel goes on acknowledging, as that of a machine whose
   * process hangs.
   */
  freeze(): void {
    this.#state = "frozen";
    this.#socket.pause();
  }

  /** Goes on answering, but sends no data. */
  mute(): void {
    this.#state = "mute";
  }

  /** Sends half of a data frame with this number, and no more; resolves when the kernel has it. */
  async cut(id: number): Promise<void> {
    if (!this.wantsData) return;
    const frame = encodeFrame(OPCODE.text, Buffer.from(this.#frame(id, CUT_PAD)));
    await new Promise((written) =>
      this.#socket.write(frame.subarray(0, frame.length >> 1), written),
    );
  }

  /** Resets the connection. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Closes with the code. */
  close(code: number): void {
    this.#write(OPCODE.close, Buffer.from([code >> 8, code & 0xff]));
    this.#socket.end();
  }

  #frame(id: number, pad: string): string {
    return expand(this.#dialect.frame, this.#subscription ?? [])
      .replace("%id%", String(id))
      .replace("%pad%", pad);
  }

  #read(bytes: Buffer): void {
    for (const { opcode, payload } of this.#reader.push(bytes)) {
      if (opcode === OPCODE.ping) this.#write(OPCODE.pong, payload);
      else if (opcode === OPCODE.close) {
        this.#write(OPCODE.close, payload);
        this.#socket.end();
      } else if (opcode === OPCODE.text || opcode === OPCODE.binary)
        this.#answer(payload.toString());
    }
  }

  #answer(text: string): void {
    this.#onText(text);
    for (const { when, text: reply, subscribes } of this.#dialect.answers ?? []) {
      const match = new RegExp(when).exec(text);
      if (match === null) continue;
      if (reply !== undefined) this.#write(OPCODE.text, expand(reply, match));
      if (subscribes === true) this.#subscription = [...match];
      return;
    }
  }

  #write(opcode: number, payload: Buffer | string): void {
    if (this.#state === "frozen" || !this.#socket.writable) return;
    this.#socket.write(
      encodeFrame(opcode, typeof payload === "string" ? Buffer.from(payload) : payload),
    );
  }
}

function expand(template: string, groups: readonly string[]): string {
  return template.replace(/\$(\d)/g, (_, index: string) => groups[Number(index)] ?? "");
}
