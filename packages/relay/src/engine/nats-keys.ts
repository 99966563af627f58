import type { KV } from "@nats-io/kv";
import type { KeyEntry, KeyStore } from "./engine.js";
import { fromNatsError } from "./nats-errors.js";

/** The key-value store over a bucket of NATS. */
export class NatsKeys implements KeyStore {
  readonly #kv: KV;

  constructor(kv: KV) {
    this.#kv = kv;
  }

  async get(key: string): Promise<KeyEntry | undefined> {
    try {
      const entry = await this.#kv.get(key);
      if (entry === null || entry.operation !== "PUT") return undefined;
      return { value: entry.value, revision: entry.revision, timeMs: entry.created.getTime() };
    } catch (error) {
      throw fromNatsError(error);
    }
  }

  async put(key: string, value: Uint8Array, revision: number): Promise<number> {
    try {
      return revision === 0
        ? await this.#kv.create(key, value)
        : await this.#kv.update(key, value, revision);
    } catch (error) {
      throw fromNatsError(error);
    }
  }
}
