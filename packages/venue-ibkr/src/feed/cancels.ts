import type { TopicKind } from "./topic-name.js";

/** How topics are cancelled (I-17), from what follows their kind. */
export const CANCELS: Readonly<Partial<Record<TopicKind, (rest: string) => string>>> = {
  smd: (contract) => `umd+${contract}+{}`,
  sbd: (ladder) => `ubd+${ladder.slice(0, ladder.indexOf("+"))}`,
  sor: () => "uor+{}",
  str: () => "utr",
  spl: () => "upl+{}",
  ssd: (account) => `usd+${account}+{}`,
  sld: (account) => `uld+${account}+{}`,
};
