import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { SimOptionError } from "@oath-ws/sim";
import { closeServer, listenAt } from "../local/local-server.js";
import { isLoopbackHost, isSameSecret } from "../local/request-checks.js";

const HOST = "127.0.0.1";
const PATH = "/control";
const MAX_BODY_BYTES = 65_536;

/** What the control API does. */
export interface ControlActions {
  /**
   * Makes a fault happen, and tells what it did.
   *
   * @throws SimOptionError that names the field, for a fault that cannot be
   */
  apply(fault: unknown, target: unknown): object;
  stats(): object;
}

/** The running control API. */
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

/**
 * Serves `GET /control` (statistics) and `POST /control` with `{"fault":{...},"target":{...}}` on
 * loopback. Both want the token as `Authorization: Bearer TOKEN`. A page in a browser of this
 * machine is refused by its `Origin`, or by a `Host` that is not this one (DNS rebinding).
 */
export async function serveControl(
  port: number,
  token: string,
  actions: ControlActions,
): Promise<ControlServer> {
  let listened = port;
  const server = createServer((request, response) => {
    void answer(request, listened, token, actions).then(
      ({ status, body }) => respond(response, status, body),
      // The client went away in the middle of its request.
      () => response.destroy(),
    );
  });
  listened = await listenAt(server, { host: HOST, port });
  return {
    url: `http://${HOST}:${listened}${PATH}`,
    close: () => closeServer(server),
  };
}

async function answer(
  request: IncomingMessage,
  port: number,
  token: string,
  actions: ControlActions,
): Promise<Answer> {
  const { headers, method, url } = request;
  if (headers.origin !== undefined || !isLoopbackHost(headers.host, port))
    return { status: 403, body: { error: "foreign Host or Origin" } };
  if (!isSameSecret(headers.authorization ?? "", `Bearer ${token}`))
    return { status: 401, body: { error: "expected Authorization: Bearer TOKEN" } };
  if (url !== PATH) return { status: 404, body: { error: `expected ${PATH}` } };
  if (method === "GET") return { status: 200, body: actions.stats() };
  if (method !== "POST") return { status: 405, body: { error: "expected GET or POST" } };
  const text = await bodyOf(request);
  if (text === undefined)
    return { status: 413, body: { error: `expected at most ${MAX_BODY_BYTES} bytes` } };
  return applied(text, actions);
}

function applied(text: string, actions: ControlActions): Answer {
  try {
    const asked: unknown = JSON.parse(text);
    if (typeof asked !== "object" || asked === null || !("fault" in asked))
      return { status: 400, body: { error: 'expected {"fault":{"kind":...}}' } };
    const target = "target" in asked ? asked.target : undefined;
    return { status: 200, body: actions.apply(asked.fault, target) };
  } catch (error) {
    if (error instanceof SimOptionError || error instanceof SyntaxError)
      return { status: 400, body: { error: error.message } };
    throw error;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > MAX_BODY_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json", Connection: "close" });
  response.end(`${JSON.stringify(body)}\n`);
}
