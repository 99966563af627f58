import type {
  AccountsEvent,
  Bulletin,
  HistoryEvent,
  LadderEvent,
  Notification,
  OrdersEvent,
  ProfitEvent,
  StatusEvent,
  SummaryEvent,
  SystemEvent,
  TradesEvent,
} from "../market/payloads.js";
import type { Quote } from "../market/quote.js";
import type { TopicKind } from "./topic-name.js";

/** The payload of each kind of topic. */
export interface PayloadByKind {
  readonly smd: Quote;
  readonly smh: HistoryEvent;
  readonly sbd: LadderEvent;
  readonly sor: OrdersEvent;
  readonly str: TradesEvent;
  readonly spl: ProfitEvent;
  readonly ssd: SummaryEvent;
  readonly sld: SummaryEvent;
  readonly act: AccountsEvent;
  readonly sts: StatusEvent;
  readonly ntf: Notification;
  readonly blt: Bulletin;
  readonly system: SystemEvent;
}

/** The payload of any topic. */
export type IbkrPayload = PayloadByKind[TopicKind];

type KindOf<Name extends string> = Name extends `${infer Kind}+${string}` ? Kind : Name;

/**
 * The payload of the topic with this name: `PayloadOf<"smd+265598">` is `Quote`. A name that is
 * only known as `string` gives {@link IbkrPayload}; one that no topic has gives `never`, and
 * `parseTopicName` says what is wrong with it.
 */
export type PayloadOf<Name extends string> = string extends Name
  ? IbkrPayload
  : KindOf<Name> extends infer Kind extends TopicKind
    ? PayloadByKind[Kind]
    : never;
