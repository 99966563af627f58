import type { ConfigIssue, ConnectRequest, EndpointSource } from "@oath-ws/contract";
import { urlFault, urlHost, urlsFaults } from "@oath-ws/contract";
import { urlInvalid } from "./primitives/leaf-errors.js";
import { typeName } from "./number-fault.js";
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
 * Reads the URL, the URLs or the source of a request.
 *
 * @param issues where everything is added that is wrong with several URLs
 * @throws WsError `URL_INVALID` for a single URL that cannot work
 */
export function requestedEndpoints(
  given: ConnectRequest["url"],
  gate: Gate,
  issues: ConfigIssue[],
): RequestedEndpoints {
  if (typeof given === "object" && given !== null) {
    if (!isList(given)) return requestedSource(given, issues);
    const faults = urlsFaults(given);
    for (const { index, message } of faults)
      issues.push({ path: index === undefined ? "url" : `url[${index}]`, message });
  } else {
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

function requestedSource(source: EndpointSource, issues: ConfigIssue[]): RequestedEndpoints {
  if (typeof source.next !== "function") {
    const message = `must be a URL, a list of URLs or an object with a method next(), got ${typeName(source)}`;
    issues.push({ path: "url", message });
  }
  return { urls: [], source, name: NAME_OF_SOURCE };
}

function isList(given: ConnectRequest["url"]): given is readonly string[] {
  return Array.isArray(given);
}
