import type { ByteSocket } from "@oath-ws/resilience/leaf";
import { ClientStream, OPCODES, serverFrame } from "../wire/frames.js";
import type { ClientFrame } from "../wire/frames.js";
import type { SocketFault } from "./client-plan.js";

/** A data message that the server sent. */
export interface SentMessage {
  /** Behind its last byte, counted from the first byte that the server sent on this connection. */
  readonly end: number;
  readonly id: string;
  readonly bytes: number;
  /** When the client's socket read its last byte, by the world's clock. */
  readAt: number | undefined;
}

/** What a {@link Peer} tells. */
export interface PeerEvents {
  requested(peer: Peer, head: string): void;
  /** A text frame of the client. */
  heard(peer: Peer, text: string): void;
}

/** The server's end of one connection. */
export class Peer {
  readonly name: string;
  readonly messages: SentMessage[] = [];
  /** How many of the messages the client's socket has read. */
  arrived = 0;
  /** Behind the last byte of each ping. The payload of a ping is its number. */
  readonly #pings: number[] = [];
  /** How many pings the client's socket has read. */
  pingsArrived = 0;
  /** The path of the upgrade request. */
  path = "";
  isUpgraded = false;
  /** Whether the server's end exists. */
  isOpen = true;
  answersPings = true;
  answersClose = true;
  isQuiet = false;
  readonly #socket: ByteSocket;
  #offset = 0;
  #count = 0;
  /** A close frame or nonsense went out: nothing may follow it. */
  #isDone = false;

  constructor(name: string, socket: ByteSocket, events: PeerEvents) {
    this.name = name;
    this.#socket = socket;
    const stream = new ClientStream(
      (head) => {
        this.path = head.split(" ")[1] ?? "";
        events.requested(this, head);
      },
      (frame) => this.#received(frame, events),
    );
    socket.listen({
      data: (bytes) => stream.push(bytes),
      ended: () => this.end(),
      failed: () => {
        this.isOpen = false;
      },
    });
  }

  /** The client's port. */
  get port(): number {
    return this.#socket.remote.port;
  }

  get canSpeak(): boolean {
    return this.isOpen && this.isUpgraded && !this.#isDone;
  }

  /** The client's socket has read so many bytes of this connection. */
  noteRead(bytes: number, now: number): void {
    while ((this.#pings[this.pingsArrived] ?? Number.POSITIVE_INFINITY) <= bytes)
      this.pingsArrived++;
    for (;;) {
      const next = this.messages[this.arrived];
      if (next === undefined || next.end > bytes) return;
      next.readAt = now;
      this.arrived++;
    }
  }

  raw(bytes: Uint8Array | string): void {
    if (!this.isOpen) return;
    const out = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    this.#offset += out.length;
    this.#socket.write(out, () => undefined);
  }

  /** A message of this size, or of the least that holds its id. */
  say(bytes: number): void {
    if (!this.canSpeak) return;
    const payload = this.#nextPayload(bytes);
    this.raw(serverFrame({ opcode: OPCODES.text, payload }));
    this.#note(payload);
  }

  /** The same in frames of its own, with a ping between the first two. */
  sayInParts(parts: number, bytes: number): void {
    if (!this.canSpeak) return;
    const payload = this.#nextPayload(bytes);
    const size = Math.ceil(payload.length / parts);
    for (let part = 0; part < parts; part++) {
      const opcode = part === 0 ? OPCODES.text : OPCODES.continuation;
      const piece = payload.subarray(part * size, (part + 1) * size);
      this.raw(serverFrame({ opcode, payload: piece, isFinal: part === parts - 1 }));
      if (part === 0) this.ping();
    }
    this.#note(payload);
  }

  ping(): void {
    if (!this.canSpeak) return;
    const payload = Buffer.from(String(this.#pings.length + 1));
    this.raw(serverFrame({ opcode: OPCODES.ping, payload }));
    this.#pings.push(this.#offset);
  }

  close(code: number): void {
    if (!this.canSpeak) return;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code, 0);
    this.#sendClose(payload);
  }

  /** Sends what RFC 6455 forbids. */
  violate(what: Extract<SocketFault, { kind: "violation" }>["what"], tooBig: number): void {
    if (!this.canSpeak) return;
    const payload = Buffer.from("nonsense");
    switch (what) {
      case "opcode":
        this.raw(serverFrame({ opcode: 3, payload }));
        break;
      case "masked":
        this.raw(serverFrame({ opcode: OPCODES.text, payload, isMasked: true }));
        break;
      case "reservedBit":
        this.raw(serverFrame({ opcode: OPCODES.text, payload, isReserved: true }));
        break;
      case "utf8":
        this.raw(serverFrame({ opcode: OPCODES.text, payload: Buffer.from([0xc3, 0x28]) }));
        break;
      case "tooBig":
        this.raw(
          serverFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(Math.min(tooBig, 0xffff)) }),
        );
        break;
      default:
        what satisfies never;
    }
    this.#isDone = true;
  }

  pause(): void {
    if (this.isOpen) this.#socket.pause();
  }

  resume(): void {
    if (this.isOpen) this.#socket.resume();
  }

  end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#socket.end();
    this.#socket.destroy();
  }

  reset(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#socket.reset();
  }

  #nextPayload(bytes: number): Buffer {
    return Buffer.from(`${this.name}.${++this.#count} `.padEnd(bytes, "."));
  }

  #note(payload: Buffer): void {
    const id = payload.toString("latin1", 0, payload.indexOf(" "));
    this.messages.push({ end: this.#offset, id, bytes: payload.length, readAt: undefined });
  }

  #sendClose(payload: Buffer): void {
    this.raw(serverFrame({ opcode: OPCODES.close, payload }));
    this.#isDone = true;
  }

  #received({ opcode, payload }: ClientFrame, events: PeerEvents): void {
    switch (opcode) {
      case OPCODES.text:
        return events.heard(this, payload.toString("utf8"));
      case OPCODES.ping:
        if (this.answersPings && !this.#isDone)
          this.raw(serverFrame({ opcode: OPCODES.pong, payload }));
        return;
      case OPCODES.close:
        if (!this.answersClose) return;
        if (!this.#isDone) this.#sendClose(payload.subarray(0, 2));
        return this.end();
      default:
        return;
    }
  }
}
