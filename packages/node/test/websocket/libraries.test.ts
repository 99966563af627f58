import { graphqlSuite } from "./suite/graphql-ws.js";
import { librariesSuite } from "./suite/libraries.js";
import { nodePlatform } from "./support/node-platform.js";

graphqlSuite(nodePlatform);
librariesSuite(nodePlatform);
