import type { NewId } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";

/** What a venue takes as the client's id of an order. */
export interface ClientIdFormat {
  readonly maxLength: number;
  /** Matches an id that the venue takes, whole. */
  readonly pattern: RegExp;
}

/** What {@link ClientIds} are made of. */
export interface ClientIdsOptions {
  /** 128 random bits as 32 hexadecimal digits. */
  readonly newId: NewId;
  readonly format: ClientIdFormat;
  /** What every id begins with, so that a reader tells one's own orders. Default empty. */
  readonly prefix?: string | undefined;
}

/** Digits of an id without its prefix. */
const RANDOM_LENGTH = 32;

/**
 * Ids for orders, unique over processes and machines: each holds 128 random bits, uncut, within the
 * venue's format.
 */
export class ClientIds {
  readonly #options: ClientIdsOptions;

  /** @throws ConfigError when an id with this prefix would break the venue's format */
  constructor(options: ClientIdsOptions) {
    const { prefix = "", format } = options;
    this.#options = options;
    if (!this.isValid(prefix + "0".repeat(RANDOM_LENGTH))) {
      const left = format.maxLength - RANDOM_LENGTH;
      const message = `must have at most ${left} characters that the venue takes in an id`;
      throw new ConfigError([{ path: "clientIdPrefix", message }]);
    }
  }

  /** Another id. */
  next(): string {
    const { newId, prefix = "" } = this.#options;
    return prefix + newId();
  }

  /** Whether the venue takes an id that the caller made. */
  isValid(id: string): boolean {
    const { maxLength, pattern } = this.#options.format;
    return id.length > 0 && id.length <= maxLength && pattern.test(id);
  }
}
