// #region quotes
import { IbkrClient, SessionKeeper } from "@oath-ws/venue-ibkr";
import { nodeRuntimeWith } from "oath-ws";

// The gateway's certificate is its own: openssl x509 -noout -fingerprint -sha256 -in gateway.pem
const { GATEWAY_FINGERPRINT = "" } = process.env;
const runtime = nodeRuntimeWith({ fingerprint256: GATEWAY_FINGERPRINT }); // or { tls: { ca } }
await using session = new SessionKeeper({ runtime });
await using client = new IbkrClient({ runtime, session });

for await (const { data, gaps } of client.subscribe("smd+265598")) {
  console.log(data.last, data.lastKind, data.bid, data.ask, gaps); // typed by the topic's name
}
// #endregion
