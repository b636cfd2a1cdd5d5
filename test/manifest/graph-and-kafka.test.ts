import { createInferenceGraph } from "../../src/manifest/inference-graph.ts";
import { createKafkaSource } from "../../src/manifest/kafka-source.ts";
import { compileStrict, describeWithReference, readSpecSchema } from "./shared-reference.ts";

const step = (service: string) => ({ service });
const GRAPHS = {
  sequence: { name: "flow", type: "Sequence" as const, steps: [step("clothes"), step("prices")] },
  switch: { name: "flow", type: "Switch" as const, steps: [{ service: "a", condition: "instances.0.url" }] },
  ensemble: { name: "flow", namespace: "lab", type: "Ensemble" as const, steps: [step("a"), step("a"), step("b")] },
  splitter: {
    name: "flow",
    type: "Splitter" as const,
    steps: [
      { service: "old", weight: 90 },
      { service: "new", weight: 10 },
    ],
  },
};
const stepsOf = (options: Parameters<typeof createInferenceGraph>[0]) =>
  createInferenceGraph(options).spec.nodes["root"]?.steps;

describe("an InferenceGraph", () => {
  test("hands predictions on as instances in a sequence, and ends it at a step that fails", () => {
    expect(stepsOf(GRAPHS.sequence)).toEqual([
      { name: "clothes", serviceName: "clothes", dependency: "Hard" },
      {
        name: "prices",
        serviceName: "prices",
        data: "$response",
        mapPredictionsToInstances: true,
        dependency: "Hard",
      },
    ]);
  });

  test("names the steps of an ensemble apart, since its answer is keyed by them", () => {
    expect(stepsOf(GRAPHS.ensemble)?.map((made) => (made as { name: string }).name)).toEqual(["a-1", "a-2", "b"]);
  });

  test.each([
    ["no steps", { ...GRAPHS.sequence, steps: [] }, "the graph has no steps"],
    ["weights that are not 100", { ...GRAPHS.splitter, steps: [{ service: "a", weight: 90 }] }, "are 90 together"],
    ["a switch without a condition", { ...GRAPHS.switch, steps: [step("a")] }, "is never taken"],
    ["a name that is none", { ...GRAPHS.sequence, name: "Flow" }, "metadata.name: KServe refuses the name Flow"],
    ["a weight in a sequence", { ...GRAPHS.sequence, steps: [{ service: "a", weight: 1 }] }, "reads no weight"],
  ])("%s is an error that says so", (_name, options, sentence) => {
    expect(() => createInferenceGraph(options)).toThrow(sentence);
  });

  describeWithReference("KServe's schema", () => {
    test("takes each kind", () => {
      const validate = compileStrict(readSpecSchema("inferencegraphs"));
      for (const options of Object.values(GRAPHS)) {
        expect(validate(createInferenceGraph(options).spec) || validate.errors).toBe(true);
      }
    });
  });
});

describe("a KafkaSource", () => {
  const options = {
    service: "clothes",
    namespace: "lab",
    bootstrapServers: ["kafka.kafka:9092"],
    topics: ["pictures"],
  };

  test("sends the topics' messages to the service's model, its pods as one group", () => {
    expect(createKafkaSource(options)).toEqual({
      apiVersion: "sources.knative.dev/v1beta1",
      kind: "KafkaSource",
      metadata: { name: "clothes-kafka", namespace: "lab" },
      spec: {
        consumerGroup: "clothes",
        bootstrapServers: ["kafka.kafka:9092"],
        topics: ["pictures"],
        sink: {
          ref: { apiVersion: "serving.kserve.io/v1beta1", kind: "InferenceService", name: "clothes" },
          uri: "/v1/models/clothes:predict",
        },
      },
    });
  });

  test.each([
    ["no topic", { topics: [""] }, "Kafka topics are"],
    ["a broker without a port", { bootstrapServers: ["kafka"] }, 'Kafka server "kafka"; expected HOST:PORT'],
    ["a broker with a scheme", { bootstrapServers: ["tcp://kafka:9092"] }, "expected HOST:PORT"],
  ])("%s is an error that says so", (_name, change, sentence) => {
    expect(() => createKafkaSource({ ...options, ...change })).toThrow(sentence);
  });
});
