import { randomBytes } from "node:crypto";
import { isSameSecret } from "../local/request-checks.js";

/** Between two addresses that are printed because a page asked. */
const NEW_CODE_EVERY_MS = 5_000;

/**
 * Who may press buttons. How it works: the address that is printed ends in a start code, behind a
 * `#`, where no server and no Referer sees it. The page exchanges it for the token, over its own
 * WebSocket, and the code is used up: what is left in a terminal or a log opens nothing. The token
 * stands in no address and is printed nowhere.
 */
export class Access {
  readonly #token = secret();
  readonly #now: () => number;
  #code: string | undefined;
  #printedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  isToken(given: string | undefined): boolean {
    return given !== undefined && isSameSecret(given, this.#token);
  }

  /** Gives the token for the start code, once. */
  exchange(code: string | undefined): string | undefined {
    if (code === undefined || this.#code === undefined || !isSameSecret(code, this.#code))
      return undefined;
    this.#code = undefined;
    return this.#token;
  }

  /** Makes a start code; the one before is void. */
  newCode(): string {
    this.#printedAt = this.#now();
    this.#code = secret();
    return this.#code;
  }

  /** The same for a page that asks; `undefined` too soon: it may not fill the output. */
  newCodeForPage(): string | undefined {
    return this.#now() - this.#printedAt < NEW_CODE_EVERY_MS ? undefined : this.newCode();
  }
}

/** 128 random bits. */
function secret(): string {
  return randomBytes(16).toString("base64url");
}
