import { Buffer } from "node:buffer";
import { maxHeaderSize as defaultHeaderBytes } from "node:http";
import type { Duplex } from "node:stream";
import { handshakeOptionsInvalid } from "@oath-ws/resilience/leaf";
import { AnswerReader } from "./answer-reader.js";
import type { AnswerHead } from "./answer-reader.js";
import { openStream } from "./open-stream.js";
import { own } from "./stream-owner.js";
import type { StreamOwner } from "./stream-owner.js";
import { UnansweredError } from "./upgrade-outcome.js";
import type { AskUpgrade, UpgradeOutcome } from "./upgrade-outcome.js";
import { requestHead } from "./upgrade-request.js";
import { hasToken } from "./upgrade-response.js";

/**
 * Asks for the upgrade over a stream of our own (ADR-0063). The request waits in the stream until
 * that is open, as it does with Node's HTTP client: over TLS, until the certificate was checked.
 * The answer is read out of the memory that all sockets share.
 */
export const ownUpgrade: AskUpgrade = (options, plan, request, told, outcome) => {
  const head = requestHead(request);
  const upgrade = new Upgrade(outcome, headerBytes(options.socket.maxHeaderSize));
  try {
    const giveUp = openStream(options.socket, plan, told, {
      begun: (stream) => upgrade.begin(stream, head),
      failed: (error) => outcome.failed(error),
    });
    return () => {
      giveUp();
      upgrade.giveUp();
    };
  } catch (error) {
    upgrade.giveUp();
    throw error;
  }
};

/** One request and its answer. Owns the stream until the connection does. */
class Upgrade implements StreamOwner {
  /** A head is read out of the shared memory. */
  readonly room = undefined;
  readonly #outcome: UpgradeOutcome;
  readonly #reader: AnswerReader;
  #stream: Duplex | undefined = undefined;
  #isOver = false;

  constructor(outcome: UpgradeOutcome, maxBytes: number) {
    this.#outcome = outcome;
    this.#reader = new AnswerReader(maxBytes);
  }

  begin(stream: Duplex, head: string): void {
    this.#stream = stream;
    own(stream, this);
    // A stream that was made for an attempt that has ended meanwhile.
    if (this.#isOver) stream.destroy();
    else stream.write(head, "latin1");
  }

  giveUp(): void {
    this.#isOver = true;
    this.#stream?.destroy();
  }

  read(bytes: Buffer, lent: number = bytes.length): void {
    if (this.#isOver) return;
    try {
      const end = this.#reader.push(bytes, lent);
      const { head } = this.#reader;
      if (end !== undefined && head !== undefined)
        this.#answered(head, Buffer.from(bytes.subarray(end, lent)));
    } catch (error) {
      this.failed(error);
    }
  }

  filled(): void {}

  failed(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outcome.failed(error);
  }

  ended(): void {
    this.failed(new UnansweredError());
  }

  gone(): void {
    this.failed(new UnansweredError());
  }

  /** RFC 6455 section 4.1. A 101 that does not say that it upgrades is as good as a refusal. */
  #answered({ status, headers }: AnswerHead, early: Buffer): void {
    this.#isOver = true;
    const stream = this.#stream as Duplex;
    const switches =
      status === 101 &&
      headers["upgrade"] !== undefined &&
      hasToken(headers["connection"], "upgrade");
    if (switches) this.#outcome.switched(headers, stream, early);
    else this.#outcome.refused({ statusCode: status, headers });
  }
}

/** What a head may have: 0 stands for Node's limit, as in `http.request`. */
function headerBytes(option: unknown): number {
  if (option === undefined || option === 0) return defaultHeaderBytes;
  if (typeof option === "number" && Number.isSafeInteger(option) && option > 0) return option;
  throw handshakeOptionsInvalid(
    "the option socket.maxHeaderSize must be a whole number of bytes, 0 or more",
  );
}
