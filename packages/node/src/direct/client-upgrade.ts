import { request as httpRequest } from "node:http";
import type { IncomingMessage, RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { flatHeaders } from "../errors/flat-headers.js";
import { watchDial } from "../leaf/dial-phases.js";
import { tunnelAgent } from "../leaf/dialling.js";
import type { WsSocketOptions } from "../options/ws-connector-options.js";
import { netOptions } from "./open-stream.js";
import { UnansweredError } from "./upgrade-outcome.js";
import type { AskUpgrade } from "./upgrade-outcome.js";

/**
 * Whether the options need Node's HTTP client: an agent deals with its requests alone, and
 * `insecureHTTPParser` names its parser.
 */
export function needsClient({ agent, insecureHTTPParser = false }: WsSocketOptions): boolean {
  return (agent !== undefined && agent !== null) || insecureHTTPParser;
}

/** Asks for the upgrade with Node's HTTP client; see {@link needsClient}. */
export const clientUpgrade: AskUpgrade = (options, plan, { path, headers }, told, outcome) => {
  const { agent, createConnection, insecureHTTPParser, maxHeaderSize } = options.socket;
  const tunnel = tunnelAgent(plan, told);
  const { host, port, tls } = plan;
  const request = (tls === undefined ? httpRequest : httpsRequest)({
    ...netOptions(options.socket),
    createConnection,
    insecureHTTPParser,
    maxHeaderSize,
    agent: tunnel ?? agent,
    ...tls,
    method: "GET",
    host,
    port,
    path,
    headers: Object.fromEntries(headers),
  } as RequestOptions);
  const giveUp = (): void => {
    // A request whose head was answered no longer takes its socket along.
    request.socket?.destroy();
    request.destroy();
    tunnel?.destroy();
  };
  watchDial(request, told);
  request.on("upgrade", (response: IncomingMessage, stream, head) => {
    outcome.switched(flatHeaders(response.headers), stream, head);
  });
  request.on("response", (response) => {
    // Cut off half way, which it is about to be, it may have an error to tell.
    response.on("error", ignore);
    outcome.refused(response);
  });
  request.on("error", (error) => outcome.failed(error));
  request.on("close", () => outcome.failed(new UnansweredError()));
  request.end();
  return giveUp;
};

function ignore(): void {}
