import type { Classify } from "@oath-ws/contract";
import { defaultClassify } from "@oath-ws/resilience";

/**
 * For venues that see no credentials in the upgrade: a 403 there is the word of a firewall, which
 * blocks an address for a while and knows nothing of a key. It is transient; everything else is
 * judged by `defaultClassify`.
 */
export const firewallPasses: Classify = {
  classify: (error, context) =>
    error.status === 403 ? "transient" : defaultClassify.classify(error, context),
};
