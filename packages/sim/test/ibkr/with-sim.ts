import type { Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { ClientOptions } from "ws";
import { type IbkrSim, type IbkrSimOptions, startIbkrSim } from "../../src/index.js";
import { Client } from "../support/client.js";

/**
 * A simulator that is ended after the test. Nothing moves by itself and nothing is paced, unless
 * told otherwise.
 */
export async function sim(options: IbkrSimOptions = {}): Promise<IbkrSim> {
  const started = await startIbkrSim({
    ...options,
    market: { auto: false, ...options.market },
    wire: {
      greetingGapMs: 1,
      snapshotDelayMs: 1,
      heartbeatMs: 1_000_000,
      tradeRepeats: 0,
      ...options.wire,
    },
    session: { initMs: 1, ...options.session },
    pacing: options.pacing ?? {
      requests: 1_000,
      paths: { "/tickle": { requests: 1_000, windowMs: 0 } },
    },
  });
  onTestFinished(() => started.close());
  return started;
}

/** A client that is ended after the test. */
export async function connect(
  venue: IbkrSim,
  query = "",
  options: ClientOptions = {},
): Promise<Client> {
  const opened = await Client.open(venue.wsUrl + query, options);
  onTestFinished(() => opened.drop());
  return opened;
}

/** A client that the venue has greeted, by the session in its cookie. */
export async function greeted(venue: IbkrSim, options: ClientOptions = {}): Promise<Client> {
  const cookie = `api=${JSON.stringify({ session: venue.session.id })}`;
  const client = await connect(venue, "", { ...options, headers: { cookie } });
  await client.until(() => frames(client, "sts").length > 0);
  return client;
}

/** Codes of the errors of a client's TCP or TLS socket, from now on: `ws` keeps them to itself. */
export function socketErrors({ socket }: Client): readonly (string | undefined)[] {
  const errors: (string | undefined)[] = [];
  const { _socket: raw } = socket as unknown as { readonly _socket: Socket };
  raw.on("error", (error: NodeJS.ErrnoException) => errors.push(error.code));
  return errors;
}

/** A frame, as far as the tests look at it. */
export interface Frame {
  readonly topic?: string;
  readonly args?: unknown;
  readonly [member: string]: unknown;
}

/** Frames so far; of one topic if given. */
export function frames({ messages }: Client, topic?: string): readonly Frame[] {
  return (messages as Frame[]).filter((message) => topic === undefined || message.topic === topic);
}

/** `authenticated` of the `sts` frames so far. */
export function statuses(client: Client): readonly unknown[] {
  return frames(client, "sts").map(
    ({ args }) => (args as { authenticated: boolean }).authenticated,
  );
}

/** Sends text and waits until the venue has dealt with it. */
export async function tell(
  venue: IbkrSim,
  client: Client,
  ...texts: readonly string[]
): Promise<void> {
  const { commands } = venue.stats();
  for (const text of texts) client.socket.send(text);
  await venue.waitFor((stats) => stats.commands.length >= commands.length + texts.length);
}

/** Subscribes to market data and waits for the snapshots. */
export async function follow(
  client: Client,
  conid: number,
  ...fields: readonly string[]
): Promise<void> {
  const topic = `smd+${conid}`;
  const before = frames(client, topic).length;
  client.socket.send(`${topic}+${JSON.stringify({ fields })}`);
  await client.until(() => frames(client, topic).length >= before + 2);
}

/** What came back for a frame, in order: what is sent last answers last. */
export async function echo(client: Client): Promise<void> {
  const before = client.raw.filter((text) => text === "ech+hb").length;
  client.socket.send("ech+hb");
  await client.until(() => client.raw.filter((text) => text === "ech+hb").length > before);
}

/** What the venue answered to a REST request. */
export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly cookies: readonly string[];
}

/** Makes a REST request. */
export async function rest(
  venue: IbkrSim,
  request: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const [method = "GET", path = ""] = request.split(" ");
  const init =
    body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(venue.url + path, init);
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    cookies: response.headers.getSetCookie(),
  };
}

/** `ssodh/init`. */
export function init(venue: IbkrSim, compete: boolean): Promise<Reply> {
  return rest(venue, "POST /iserver/auth/ssodh/init", { publish: true, compete });
}
