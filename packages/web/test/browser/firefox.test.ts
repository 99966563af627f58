import { browserSuite } from "./browser-suite.js";
import { FIREFOX, FirefoxBrowser } from "./firefox-browser.js";

browserSuite({
  title: "the web package in Firefox",
  needs: [{ package: "firefox-esr", file: FIREFOX }],
  start: () => FirefoxBrowser.start(),
  // A socket that is closed while its request waits for an answer tells the page so at once, but
  // Firefox had not ended its TCP connection 15 s later.
  notMade: [
    "dialling: an abort while the server is silent rejects with its reason and leaves no socket",
  ],
  departures: [
    // A message for a socket that is closing is thrown away (WHATWG WebSockets, section 4).
    "closing: what the peer sends before it answers close() is still delivered",
    // No browser has a hard end: see `lingeringSockets`.
    "ending: destroy() drops the socket without a close frame, and the connection ends",
  ],
});
