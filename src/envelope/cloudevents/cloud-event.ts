import type { JsonValue } from "../../tensor/json-value.ts";

/** How an event travels: attributes in `ce-` headers beside the data, or both in one JSON object. */
export type EventMode = "binary" | "structured";

/** A CloudEvent 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) without its data. */
export interface CloudEvent {
  readonly mode: EventMode;
  /** Context attributes and extensions, by lower-case name; `datacontenttype` is the data's. */
  readonly attributes: Readonly<Record<string, JsonValue>>;
}

/** How answers to events are described. */
export interface EventSettings {
  /** @default "io.kserve.inference.response" */
  readonly type: string;
  /** @default "io.kserve.inference.<model>" */
  readonly source: string | undefined;
  /** Keep the request's other attributes in the response. @default false */
  readonly merge: boolean;
}

export const DEFAULT_EVENT_SETTINGS: EventSettings = {
  type: "io.kserve.inference.response",
  source: undefined,
  merge: false,
};
