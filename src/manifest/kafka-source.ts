import { invalidArgument } from "../errors.ts";
import { defined, type KubernetesObject } from "./kserve-objects.ts";

export interface KafkaSourceOptions {
  /** Name of the InferenceService that gets each message. */
  readonly service: string;
  readonly namespace?: string;
  /** `host:port` of the brokers. */
  readonly bootstrapServers: readonly string[];
  readonly topics: readonly string[];
}

export interface KafkaSource extends KubernetesObject {
  readonly kind: "KafkaSource";
  readonly spec: object;
}

/**
 * Knative's KafkaSource: each message of the topics is sent to the service's model as a CloudEvent, whose data is
 * a V1 body or one row.
 *
 * @throws InferenceError invalid_argument for a broker without a port and for no topic
 */
export function createKafkaSource({ service, namespace, bootstrapServers, topics }: KafkaSourceOptions): KafkaSource {
  if (topics.length === 0 || topics.some((topic) => !/^[\w.-]{1,249}$/.test(topic))) {
    throw invalidArgument(`Kafka topics are ${JSON.stringify(topics)}; expected letters, digits, ., _ and -`);
  }
  for (const server of bootstrapServers) {
    if (/^[^\s:/]+:\d{1,5}$/.test(server)) continue;
    throw invalidArgument(`Kafka server ${JSON.stringify(server)}; expected HOST:PORT, for example kafka.kafka:9092`);
  }
  return {
    apiVersion: "sources.knative.dev/v1beta1",
    kind: "KafkaSource",
    metadata: defined({ name: `${service}-kafka`, namespace }),
    spec: {
      // Pods of one group share the messages; another service has another group and gets all of them too.
      consumerGroup: service,
      bootstrapServers,
      topics,
      sink: {
        ref: { apiVersion: "serving.kserve.io/v1beta1", kind: "InferenceService", name: service },
        uri: `/v1/models/${service}:predict`,
      },
    },
  };
}
