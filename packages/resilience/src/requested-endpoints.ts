import type { ConfigIssue, ConnectRequest, EndpointSource } from "@oath-ws/contract";
import { urlFault, urlHost, urlsFaults } from "@oath-ws/contract";
import { at } from "./primitives/at.js";
import { urlInvalid } from "./primitives/leaf-errors.js";
import type { Gate } from "./core/gate.js";

/** What a connection is to be made to, checked. */
export interface RequestedEndpoints {
  /** None when the source has to be asked. */
  readonly urls: readonly string[];
  readonly source: EndpointSource | undefined;
  /** The name of a connection for which the caller gave none. */
  readonly name: string;
}

/** How a connection is named whose endpoints are not known yet. */
const NAME_OF_SOURCE = "endpoints";

/**
 * Everything that is wrong with several endpoints; a single URL is left for `connect()` to refuse.
 */
export function endpointIssues(given: unknown): readonly ConfigIssue[] {
  if (Array.isArray(given)) {
    return urlsFaults(given).map(({ index, message }) => ({
      path: index === undefined ? "url" : `url[${index}]`,
      message,
    }));
  }
  if (typeof given !== "object" || given === null || typeof at(given, "next") === "function")
    return [];
  const message = "must be a URL, a list of URLs or an object with a method next()";
  return [{ path: "url", message }];
}

/**
 * Reads the URL, the URLs or the source of a request.
 *
 * @param issues where everything is added that is wrong with several URLs, or with the gate's key
 * @throws WsError `URL_INVALID` for a single URL that cannot work
 */
export function requestedEndpoints(
  given: ConnectRequest["url"],
  gate: Gate,
  issues: ConfigIssue[],
): RequestedEndpoints {
  issues.push(...endpointIssues(given));
  if (typeof given === "object" && given !== null && !isList(given))
    return { urls: [], source: given, name: NAME_OF_SOURCE };
  if (!isList(given)) {
    const fault = urlFault(given);
    if (fault !== undefined) throw urlInvalid(fault);
  }
  const urls: readonly string[] = isList(given) ? [...given] : [given];
  const dialled = urls.filter((url) => urlFault(url) === undefined);
  const keyFaults = new Set(dialled.map((url) => gate.keyFault(url)));
  for (const message of keyFaults)
    if (message !== undefined) issues.push({ path: "gate.key", message });
  return { urls, source: undefined, name: urlHost(urls[0] ?? "") };
}

function isList(given: ConnectRequest["url"]): given is readonly string[] {
  return Array.isArray(given);
}
