import type { ValidateFunction } from "ajv";
import { parseAllDocuments } from "yaml";
import { checkManifest } from "../../src/manifest/checks/check-manifest.ts";
import { formatManifests } from "../../src/manifest/format-manifests.ts";
import { createManifests } from "../../src/manifest/inference-service/inference-service.ts";
import type { InferenceServiceOptions } from "../../src/manifest/inference-service/inference-service-options.ts";
import { RUNTIMES } from "../../src/manifest/runtimes.ts";
import { compileStrict, describeWithReference, readSpecSchema } from "./shared-reference.ts";

const LAYOUTS = ["standalone", "collocated"] as const;
const MODES = ["Standard", "Knative"] as const;
const STORAGE = ["s3://m/x", "gs://m/x", "pvc://m/x", "https://m.example/x.tgz", "http://m.example/x", "hf://m/x"];

interface Case {
  readonly name: string;
  readonly options: InferenceServiceOptions;
}

/** Layout × runtime (each format and protocol) × storage × mode. */
function everyCombination(): Case[] {
  const cases: Case[] = [];
  for (const { name: runtime, formats, protocols, multiNode } of RUNTIMES) {
    for (const format of Object.keys(formats)) {
      for (const protocol of protocols.length === 0 ? [undefined] : protocols) {
        for (const layout of multiNode ? (["standalone"] as const) : LAYOUTS) {
          for (const mode of multiNode ? (["Standard"] as const) : MODES) {
            for (const storageUri of multiNode ? ["pvc://m/x", "oci://m/x"] : STORAGE) {
              cases.push({
                name: [layout, mode, runtime, format, protocol, storageUri].join(" "),
                options: {
                  name: "clothes",
                  layout,
                  mode,
                  ...(multiNode ? { autoscaler: "none" } : {}),
                  transformer: { image: "registry.example/clothes:1", env: { MODEL_LABELS: "dress,hat", TOP: "3" } },
                  predictor: { format, runtime, storageUri, ...(protocol === undefined ? {} : { protocol }) },
                },
              });
            }
          }
        }
      }
    }
  }
  return cases;
}

/** Every other option, alone and together, in each layout and mode that takes it. */
function everyFeature(): Case[] {
  const base = (layout: "standalone" | "collocated", mode: "Standard" | "Knative"): InferenceServiceOptions => ({
    name: "clothes",
    namespace: "lab",
    layout,
    mode,
    transformer: { image: "registry.example/clothes:1" },
    predictor: { format: "tensorflow", storageUri: "s3://models/clothes" },
  });
  const cases: Case[] = [];
  for (const layout of LAYOUTS) {
    for (const mode of MODES) {
      const plain = base(layout, mode);
      const isStandard = mode === "Standard";
      const transformer = (more: Partial<InferenceServiceOptions["transformer"]>) => ({
        ...plain,
        transformer: { ...plain.transformer, ...more },
      });
      const predictor = (more: Partial<InferenceServiceOptions["predictor"]>) => ({
        ...plain,
        predictor: { ...plain.predictor, ...more },
      });
      const metric = isStandard ? ("cpu" as const) : ("rps" as const);
      const features: Record<string, InferenceServiceOptions> = {
        scaling: transformer({ scaling: { minReplicas: isStandard ? 2 : 0, maxReplicas: 5, metric, target: 70 } }),
        memory: transformer({ resources: { memory: "1Gi", cpu: "2" } }),
        "predictor scaling": predictor({ scaling: { minReplicas: 2, maxReplicas: 4 } }),
        gpu: predictor({ resources: { gpu: 1, cpu: "4", memory: "8Gi" } }),
        batcher: transformer({ batcher: { maxBatchSize: 32, maxLatencyMs: 200 } }),
        logger: transformer({ logger: { url: "http://events.lab.svc/" } }),
        "batcher and logger": transformer({ batcher: {}, logger: { url: "http://events.lab.svc/", mode: "request" } }),
        "short timeout": { ...plain, timeoutSeconds: 10 },
        "long timeout": { ...plain, timeoutSeconds: 300 },
        port: transformer({ port: 9000 }),
        h2c: transformer({ h2c: true }),
        arguments: transformer({ args: ["--check_requests", "--max_instances=100"] }),
        annotations: { ...plain, annotations: { "prometheus.io/scrape": "true" } },
        "own runtime": predictor({ format: "own", runtime: "own-runtime", protocol: "v2" }),
        version: predictor({ formatVersion: "2" }),
        "grpc v1": predictor({ protocol: "grpc-v1", modelName: "clothing" }),
        secret: predictor({ credentials: { secret: "s3-keys", s3Endpoint: "minio.minio:9000", s3UseHttps: false } }),
        role: predictor({ credentials: { roleArn: "arn:aws:iam::111122223333:role/models", s3Region: "eu-west-1" } }),
        account: predictor({ credentials: { serviceAccount: "reader" } }),
      };
      if (isStandard) {
        features["gRPC port"] = transformer({ grpcPort: 8081 });
        features["memory target"] = transformer({ scaling: { metric: "memory", target: 80 } });
        features["no autoscaler"] = { ...transformer({ scaling: { minReplicas: 2 } }), autoscaler: "none" };
        features["headless"] = predictor({ headless: true });
        features["headless gRPC"] = predictor({ headless: true, protocol: "grpc-v1" });
      } else {
        features["canary"] = { ...plain, canary: { percent: 10 } };
      }
      if (!isStandard || layout === "standalone") features["concurrency"] = transformer({ containerConcurrency: 4 });
      if (isStandard && layout === "collocated") {
        features["canary"] = { ...plain, canary: { percent: 10, storageUri: "s3://models/clothes-2" } };
      }
      for (const [feature, options] of Object.entries(features)) {
        cases.push({ name: `${layout} ${mode} ${feature}`, options });
      }
    }
  }
  return cases;
}

const cases = [...everyCombination(), ...everyFeature()];

test("the cases name every runtime, layout, mode and storage", () => {
  const text = cases.map(({ name }) => name).join("\n");
  for (const word of [...RUNTIMES.map(({ name }) => name), ...LAYOUTS, ...MODES, ...STORAGE]) {
    expect(text).toContain(word);
  }
  expect(cases.length).toBeGreaterThan(700);
});

test("every manifest that can be printed passes check without a finding", () => {
  const wrong = cases.flatMap(({ name, options }) => {
    const { services, findings } = checkManifest(formatManifests(createManifests(options)));
    return services === 1 && findings.length === 0 ? [] : [{ name, services, findings }];
  });
  expect(wrong).toEqual([]);
});

test("what is printed reads back as what was made", () => {
  for (const { options } of everyFeature()) {
    const objects = createManifests(options);
    const read = parseAllDocuments(formatManifests(objects), { version: "1.1" }).map((document) => document.toJS());
    expect(read).toEqual(objects);
  }
});

describeWithReference("KServe's schema", () => {
  let validate: ValidateFunction;
  beforeAll(() => {
    validate = compileStrict(readSpecSchema());
  }, 60_000);

  test("takes the spec of every manifest that can be printed, and knows each of its fields", () => {
    const wrong = cases.flatMap(({ name, options }) => {
      const [service] = createManifests(options).slice(-1) as unknown as [{ spec: unknown }];
      return validate(service.spec) ? [] : [{ name, errors: validate.errors }];
    });
    expect(wrong).toEqual([]);
  });

  test("refuses what is misspelt, so that its silence means something", () => {
    expect(validate({ predictor: {}, transformer: { container: [] } })).toBe(false);
    expect(validate({ predictor: { minReplicas: "2" } })).toBe(false);
    expect(validate({ predictor: { containers: [{ image: "x" }] } })).toBe(false);
    expect(validate({ predictor: { containers: [{ name: "x", image: "x" }] } })).toBe(true);
  });
});
