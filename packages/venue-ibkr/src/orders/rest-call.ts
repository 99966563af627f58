import type { WsError } from "@oath-ws/contract";
import { WsError as Failure } from "@oath-ws/contract";
import { asWsError } from "@oath-ws/resilience";
import type { CallOutcome, CallContext } from "@oath-ws/venue-kit";
import type { RestRequest } from "../rest/rest-client.js";
import type { SessionKeeper } from "../session/session-keeper.js";

/** Codes with which a connection cannot be made: nothing was sent on it. */
const UNREACHABLE: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** As much of the venue's words as an error shows. */
const MAX_WORDS = 500;

/**
 * One request to the REST API, sent once. What fails before it leaves did not leave; an answer that
 * says no is a refusal; whatever ends without an answer, and every status from 500, leaves open
 * what the venue did.
 */
export async function callRest(
  session: SessionKeeper,
  request: Pick<RestRequest, "method" | "path" | "body">,
  { signal }: CallContext,
): Promise<CallOutcome<unknown>> {
  let left = false;
  const onSend = (): void => {
    left = true;
  };
  try {
    const answer = await session.request({ ...request, signal, onSend });
    const words = errorIn(answer);
    return words === undefined
      ? { kind: "answered", answer }
      : { kind: "refused", error: refusal(words) };
  } catch (thrown) {
    const message = "a request about an order failed";
    const error = asWsError(thrown, { code: "INTERNAL", message });
    if (!left || isUnsent(error)) return { kind: "didNotLeave", error };
    return isRefusal(error) ? { kind: "refused", error } : { kind: "fateUnknown", error };
  }
}

/** The venue said no: the answer is one about the request. */
function isRefusal({ code, status = 0 }: WsError): boolean {
  const isNo = status >= 400 && status < 500 && status !== 408;
  return code === "PENALTY_BOX" || (code === "REST_REFUSED" && isNo);
}

function isUnsent({ code, kind, cause }: WsError): boolean {
  if (code === "REST_REQUEST_INVALID" || kind === "proxy") return true;
  const reason = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : "";
  return code === "REST_FAILED" && UNREACHABLE.has(reason);
}

/** The error in an answer that came with status 200. */
function errorIn(answer: unknown): string | undefined {
  const isError = typeof answer === "object" && answer !== null && "error" in answer;
  return isError && typeof answer.error === "string" ? answer.error : undefined;
}

function refusal(words: string): WsError {
  const message = `the venue refused the request: ${words.slice(0, MAX_WORDS)}`;
  return new Failure({ kind: "client", code: "ORDER_REFUSED", message });
}
