import type { StoredMessage } from "@oath-ws/relay";
import { demand } from "../core/violated.js";
import { headOf } from "./message-head.js";

/** Never do the appends of two owners both count: terms rise, and each is one owner's. */
export class FencingAudit {
  #term = 0;
  #line = "";

  stored(message: StoredMessage): void {
    const { term, line } = headOf(message.data);
    demand(
      term > this.#term || (term === this.#term && line === this.#line),
      "two owners never append both",
      () => `${line} in term ${term}, after ${this.#line} in term ${this.#term}`,
    );
    this.#term = term;
    this.#line = line;
  }

  /** The engine has forgotten what came after these messages. */
  forgot(messages: readonly StoredMessage[]): void {
    const last = messages.at(-1);
    const { term = 0, line = "" } = last === undefined ? {} : headOf(last.data);
    this.#term = term;
    this.#line = line;
  }
}
