import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { onTestFinished } from "vitest";
import type { CoinbaseAccount } from "../../src/coinbase/account.js";
import type { CoinbaseSim } from "../../src/coinbase/coinbase-sim.js";
import type { CoinbaseSimOptions } from "../../src/coinbase/options.js";
import { startCoinbaseSim } from "../../src/coinbase/start.js";
import { Client } from "../support/client.js";

/**
 * A simulator that is ended after the test. The market moves only by hand unless told otherwise.
 */
export async function sim(options: CoinbaseSimOptions = {}): Promise<CoinbaseSim> {
  const started = await startCoinbaseSim({
    ...options,
    market: { auto: false, startTimeMs: 1_700_000_000_000, ...options.market },
  });
  onTestFinished(() => started.close());
  return started;
}

/** A client that is ended after the test. */
export async function client(url: string): Promise<Client> {
  const opened = await Client.open(url);
  onTestFinished(() => opened.drop());
  return opened;
}

/** A frame of a channel. */
export interface ChannelFrame {
  readonly channel: string;
  readonly client_id?: string;
  readonly timestamp: string;
  readonly sequence_num: number;
  readonly events: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

/** Frames so far, errors left out. */
export function frames({ messages }: Client): readonly ChannelFrame[] {
  return (messages as ChannelFrame[]).filter(({ channel }) => channel !== undefined);
}

/** Texts of the errors so far. */
export function errors({ messages }: Client): readonly string[] {
  return (messages as Array<{ type?: string; message: string }>)
    .filter(({ type }) => type === "error")
    .map(({ message }) => message);
}

/** Sends a request and waits for its acknowledgement, or for an error. */
export async function ask(asking: Client, request: object): Promise<void> {
  const answers = (): number =>
    errors(asking).length +
    frames(asking).filter(({ channel }) => channel === "subscriptions").length;
  const before = answers();
  asking.send(request);
  await asking.until(() => answers() > before);
}

/** What may be wrong with a token. */
export interface JwtChanges {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs with another account's key. */
  readonly key?: string;
}

/**
 * A token for an account, or one that is wrong in a chosen way. Written again from the facts: it
 * must not be the adapter's.
 */
export function jwt(
  { keyName, algorithm, privateKey }: CoinbaseAccount,
  { header, claims, key }: JwtChanges = {},
): string {
  const now = Math.floor(Date.now() / 1_000);
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = {
    alg: algorithm,
    kid: keyName,
    nonce: randomBytes(8).toString("hex"),
    typ: "JWT",
    ...header,
  };
  const body = { sub: keyName, iss: "cdp", nbf: now, exp: now + 120, ...claims };
  const data = Buffer.from(`${encode(head)}.${encode(body)}`);
  const signer = createPrivateKey(key ?? privateKey ?? "");
  const signature =
    signer.asymmetricKeyType === "ec"
      ? sign("sha256", data, { key: signer, dsaEncoding: "ieee-p1363" })
      : sign(null, data, signer);
  return `${data.toString()}.${signature.toString("base64url")}`;
}
