import { UsageError } from "./usage-error.js";
import type { UrlTailOptions } from "./url-tail.js";
import type { VenueTailOptions } from "./venue-tail.js";

/** The options of a command that follows a URL or the streams of a venue, for `parseArgs`. */
export const SOURCE_OPTIONS = {
  venue: { type: "string" },
  sim: { type: "boolean", default: false },
  url: { type: "string" },
  key: { type: "string" },
  encoding: { type: "string" },
  send: { type: "string", multiple: true },
  header: { type: "string", multiple: true },
  for: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** Those of {@link SOURCE_OPTIONS} that say what is followed, as they were given. */
export interface SourceValues {
  readonly venue?: string | undefined;
  readonly sim: boolean;
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly encoding?: string | undefined;
  readonly send?: readonly string[] | undefined;
  readonly header?: readonly string[] | undefined;
}

/** What is followed. */
export type Source =
  | ({ readonly kind: "url" } & UrlTailOptions)
  | ({ readonly kind: "venue" } & VenueTailOptions);

/**
 * Tells what is followed.
 *
 * @param usage shown when there is no URL, or more than one
 * @throws UsageError for options that do not go together
 */
export function sourceOf(
  values: SourceValues,
  positionals: readonly string[],
  usage: string,
): Source {
  const { venue, sim, url, key: keyFile, encoding, send = [], header = [] } = values;
  if (venue !== undefined) {
    if (send.length > 0 || header.length > 0)
      throw new UsageError("--send and --header go with a URL, not with --venue");
    return { kind: "venue", venue, sim, url, keyFile, encoding, names: positionals };
  }
  if (sim || url !== undefined || keyFile !== undefined || encoding !== undefined)
    throw new UsageError("--sim, --url, --key and --encoding go with --venue");
  const [target, ...rest] = positionals;
  if (target === undefined || rest.length > 0) throw new UsageError(`usage: ${usage}`);
  return { kind: "url", url: target, send, header };
}
