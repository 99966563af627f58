import { Child } from "./child.js";
import type { FeederCommand, FeederReply } from "./protocol.js";

/** The parent's handle on the feeder process. */
export interface FeederLink {
  readonly child: Child<FeederCommand, FeederReply>;
  /**
   * A URL that no other connection has: the feeder knows its peers by their path. Under `/greet`
   * they are greeted.
   */
  url(under?: "/greet"): { readonly url: string; readonly peer: string };
}

export async function startFeeder(): Promise<FeederLink> {
  const child = new Child<FeederCommand, FeederReply>({ name: "feeder", role: "feeder" });
  const { port } = await child.expect("listening");
  let connections = 0;
  return {
    child,
    url(under) {
      const peer = `${under ?? ""}/${++connections}`;
      return { url: `ws://127.0.0.1:${port}${peer}`, peer };
    },
  };
}
