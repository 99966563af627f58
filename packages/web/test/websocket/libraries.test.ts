import { graphqlSuite } from "../../../node/test/websocket/suite/graphql-ws.js";
import { librariesSuite } from "../../../node/test/websocket/suite/libraries.js";
import { webPlatform } from "./web-platform.js";

graphqlSuite(webPlatform);
// One of them takes the global class, which the classes of the package must not take for the
// platform's then.
librariesSuite(webPlatform);
