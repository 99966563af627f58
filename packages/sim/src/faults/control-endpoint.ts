import type { IncomingMessage, ServerResponse } from "node:http";
import { asRecord } from "../check.js";
import { SimOptionError } from "../option-error.js";
import { isLoopback } from "../venue-options.js";
import { readBody } from "../wire/read-body.js";
import type { AppliedFault, Fault, FaultTarget } from "./fault.js";
import { parseFault, parseTarget } from "./parse-fault.js";

const MAX_BODY_BYTES = 65_536;

/** What the control endpoint does. */
export interface ControlActions {
  apply(fault: Fault, target: FaultTarget): AppliedFault;
  stats(): object;
}

/**
 * The control API over HTTP: `GET /control` answers with the statistics, `POST /control` with
 * `{"fault":{...},"target":{...}}` makes a fault happen and answers with what it did. Errors: 400
 * names the field, 405, 413.
 */
export async function handleControl(
  request: IncomingMessage,
  response: ServerResponse,
  actions: ControlActions,
): Promise<void> {
  // A page in a browser on this machine could ask here too. It sends an Origin header or, when its
  // name was made to point to loopback (DNS rebinding), that name as the Host.
  const { origin, host = "" } = request.headers;
  if (origin !== undefined || !isLoopback(host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")))
    return respond(response, 403, { error: "not for browsers" });
  if (request.method === "GET") return respond(response, 200, actions.stats());
  if (request.method !== "POST") return respond(response, 405, { error: "expected GET or POST" });
  let text: string | undefined;
  try {
    text = await readBody(request, MAX_BODY_BYTES);
  } catch {
    // The client went away in the middle of its request: there is no one to answer.
    response.destroy();
    return;
  }
  if (text === undefined)
    return respond(response, 413, { error: `expected at most ${MAX_BODY_BYTES} bytes` });
  try {
    const { fault, target } = asRecord("body", JSON.parse(text), ["fault", "target"]);
    const applied = actions.apply(parseFault("fault", fault), parseTarget("target", target));
    respond(response, 200, applied);
  } catch (error) {
    if (error instanceof SimOptionError || error instanceof SyntaxError) {
      return respond(response, 400, { error: error.message });
    }
    throw error;
  }
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}
