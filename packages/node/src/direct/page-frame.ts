import type { Buffer } from "node:buffer";
import { decodeUtf8, InboundFrame } from "@oath-ws/resilience";
import { viewOf } from "./payload-views.js";

/**
 * A data frame that lies in a page of what the socket read. The array over its bytes, which takes longer to make than all the rest of a small
 * frame, is made when somebody asks for it; text that is ASCII needs none.
 */
export class PageFrame extends InboundFrame {
  readonly byteLength: number;
  readonly #page: Buffer;
  readonly #from: number;
  readonly #ascii: boolean;
  #data: Buffer | undefined;

  /**
   * @param ascii whether the payload is known to be ASCII; `false` says nothing
   * @param data the array over its bytes, if there is one already
   */
  constructor(kind: "text" | "binary", page: Buffer, from: number, byteLength: number, ascii: boolean, data: Buffer | undefined) {
    super(kind);
    this.byteLength = byteLength;
    this.#page = page;
    this.#from = from;
    this.#ascii = ascii;
    this.#data = data;
  }

  get data(): Buffer {
    return (this.#data ??= viewOf(this.#page, this.#from, this.byteLength));
  }

  text(): string {
    if (this.#ascii) return this.#page.toString("latin1", this.#from, this.#from + this.byteLength);
    return decodeUtf8(this.data);
  }
}
