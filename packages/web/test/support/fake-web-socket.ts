import type { WebSocketLike } from "../../src/web-socket-like.js";

/** A platform's socket that does what the test says; for what no server can make a real one do. */
export class FakeWebSocket extends EventTarget implements WebSocketLike {
  /** Made so far, oldest first. Empty it at the beginning of a test. */
  static readonly made: FakeWebSocket[] = [];

  static get last(): FakeWebSocket {
    const last = FakeWebSocket.made.at(-1);
    if (last === undefined) throw new Error("no socket was made");
    return last;
  }

  readonly args: readonly unknown[];
  readonly sent: (string | Uint8Array)[] = [];
  readonly closes: (readonly unknown[])[] = [];
  binaryType = "blob";
  bufferedAmount = 0;
  protocol: string | null = "";
  readyState = 0;

  constructor(...args: readonly unknown[]) {
    super();
    this.args = args;
    FakeWebSocket.made.push(this);
  }

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(...args: readonly unknown[]): void {
    this.closes.push(args);
    if (this.readyState < 2) this.readyState = 2;
  }

  open(): void {
    this.readyState = 1;
    this.emit("open", {});
  }

  message(data: unknown): void {
    this.emit("message", { data });
  }

  closed(code: number, reason: string, wasClean: boolean): void {
    this.readyState = 3;
    this.emit("close", { code, reason, wasClean });
  }

  emit(type: string, fields: object): void {
    this.dispatchEvent(Object.assign(new Event(type), fields));
  }
}
