import { nearestName } from "../../../nearest-name.ts";
import { isStorageUri, STORAGE_SCHEMES } from "../../inference-service/storage.ts";
import { findRuntimes, MODEL_FORMATS, RUNTIME_PROTOCOLS, RUNTIMES, type RuntimeProtocol } from "../../runtimes.ts";
import type { Field } from "../field.ts";
import { error, type Remark, warning } from "../finding.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const PREDICTOR_CHECKS: ServiceCheckTable = {
  "predictor-missing": checkPredictorPresent,
  "predictor-several": checkOnePredictor,
  "model-name": checkModelName,
  "protocol-version": checkProtocolVersion,
  runtime: checkRuntime,
  "multi-node": checkSeveralNodes,
  "storage-uri": checkStorageUri,
  "grpc-predictor": checkGrpcPredictor,
};

function* checkPredictorPresent({ predictor, predictors, root }: Service): Iterable<Remark> {
  if (predictors.length > 0 || root.at("spec", "default").exists) return;
  yield error(
    predictor,
    "The service has no predictor: KServe's webhook breaks on it (index out of range).",
    "Write spec.predictor.model with modelFormat and storageUri, or spec.predictor.containers.",
  );
}

function* checkOnePredictor({ predictors, predictor }: Service): Iterable<Remark> {
  const names = predictors.map((field) => field.path.slice(predictor.path.length + 1));
  for (const field of predictors.slice(1)) {
    yield error(
      field,
      `The service has ${predictors.length} predictors (${names.join(", ")}): KServe takes one of them and drops the others without a word.`,
      `Keep one of ${names.join(", ")}.`,
    );
  }
}

function* checkModelName({ model }: Service): Iterable<Remark> {
  const field = model?.at("name");
  if (field?.text === undefined || field.text === "") return;
  const message = "KServe refuses a name here: its own container name is used.";
  yield error(field, message, "Remove it.", field.toRemoved());
}

function* checkProtocolVersion({ model }: Service): Iterable<Remark> {
  const field = model?.at("protocolVersion");
  if (field?.text === undefined || isProtocol(field.text)) return;
  yield error(
    field,
    `No runtime speaks the protocol ${field.text}: the service is admitted and never starts.`,
    `Write one of ${RUNTIME_PROTOCOLS.join(", ")}.`,
  );
}

/** A format, version and protocol that none of KServe's runtimes serves together. */
function* checkRuntime({ model }: Service): Iterable<Remark> {
  if (model === undefined) return;
  const { format, version, runtime } = readModel(model);
  const isOwn = runtime !== undefined && !RUNTIMES.some((known) => known.name === runtime);
  if (format === undefined || isOwn) return;
  if (!MODEL_FORMATS.includes(format)) {
    const near = nearestName(format, MODEL_FORMATS);
    const name = model.at("modelFormat", "name");
    yield error(
      name,
      `No runtime that KServe installs serves the model format ${format}: "no runtime found to support predictor".`,
      `Write ${near ?? `one of ${MODEL_FORMATS.join(", ")}`}, or name a runtime of your own with runtime:.`,
      near === undefined ? undefined : name.toWritten(near),
    );
    return;
  }
  const protocol = predictorProtocol(model);
  if (protocol === undefined || findRuntimes({ format, version, protocol, runtime }).length > 0) return;
  const written = model.at("protocolVersion");
  const wish = `${format}${version === undefined ? "" : ` version ${version}`} over ${protocol}`;
  const offers = RUNTIMES.filter((known) => format in known.formats).map(
    (known) => `${known.name} (${known.protocols.join(", ")}; version ${known.formats[format]?.join(", ")})`,
  );
  yield error(
    written.exists ? written : model,
    `No runtime that KServe installs serves ${wish}${runtime === undefined ? "" : ` as ${runtime}`}${written.exists ? "" : ", the default protocol"}.`,
    `There is ${offers.join("; ")}.`,
  );
}

/** A runtime of several nodes is a head and its workers, which only one way of running can have. */
function* checkSeveralNodes({ root, model, mode, transformers }: Service): Iterable<Remark> {
  const name = model?.at("runtime");
  const runtime = RUNTIMES.find((known) => known.name === name?.text && known.multiNode);
  if (model === undefined || name === undefined || runtime === undefined) return;
  const autoscaler = root.at("metadata", "annotations", "serving.kserve.io/autoscalerClass").text;
  if (mode === "Knative" || autoscaler !== "none" || transformers.some(({ isCollocated }) => isCollocated)) {
    yield error(
      name,
      `${runtime.name} runs on several nodes: KServe takes that in Standard mode, without an autoscaler, with a transformer of its own pods.`,
      "Write the annotations deploymentMode: Standard and autoscalerClass: none, and the transformer below spec.transformer.",
    );
  }
  const uri = model.at("storageUri");
  if (uri.text !== undefined && !/^(pvc|oci):\/\//.test(uri.text)) {
    yield error(
      uri,
      `${runtime.name} reads its model from pvc:// or oci://, and this is ${uri.text}.`,
      "Put the model there.",
    );
  }
}

function* checkStorageUri({ model, containers, root }: Service): Iterable<Remark> {
  const canaries = root
    .at("spec", "canary")
    .items()
    .map((canary) => canary.at("predictor", "model", "storageUri"));
  const fields = [model?.at("storageUri"), ...canaries];
  for (const { field } of containers) {
    const entry = field
      .at("env")
      .items()
      .find((item) => item.at("name").text === "STORAGE_URI");
    fields.push(entry?.at("value"));
  }
  for (const field of fields) {
    if (field?.text === undefined || isStorageUri(field.text)) continue;
    yield error(
      field,
      `KServe cannot fetch from ${field.text}: the service is admitted and its controller fails.`,
      `Begin with one of ${STORAGE_SCHEMES.join(" ")} or a path.`,
    );
  }
}

function* checkGrpcPredictor({ model, transformer }: Service): Iterable<Remark> {
  const protocol = model?.at("protocolVersion").text;
  if (model === undefined || !transformer.exists || protocol?.startsWith("grpc") !== true) return;
  const first = model.at("ports").items()[0];
  if (first !== undefined && /grpc|h2c/.test(first.at("name").text ?? "")) return;
  yield warning(
    model.at("ports"),
    `The predictor speaks ${protocol}, but its first port is not called h2c: its service's port 80 leads to REST on 8080.`,
    "Write ports: [{containerPort: 9000, name: h2c, protocol: TCP}] (TorchServe: 7070) below the model.",
  );
}

function isProtocol(text: string): text is RuntimeProtocol {
  return (RUNTIME_PROTOCOLS as readonly string[]).includes(text);
}

function readModel(model: Field): {
  format: string | undefined;
  version: string | undefined;
  runtime: string | undefined;
} {
  const key = model.path.slice(model.path.lastIndexOf(".") + 1);
  return {
    format: key === "model" ? model.at("modelFormat", "name").text : key,
    version: model.at("modelFormat", "version").text,
    runtime: model.at("runtime").text,
  };
}

/**
 * What the stock predictor speaks: the protocol that the manifest names, else KServe's default. Undefined for a name that
 * is no protocol and for servers of OpenAI's protocol.
 */
export function predictorProtocol(model: Field): RuntimeProtocol | undefined {
  const written = model.at("protocolVersion").text;
  if (written !== undefined) return isProtocol(written) ? written : undefined;
  const { format = "", runtime = "" } = readModel(model);
  if (format === "vLLM") return undefined;
  const isLegacyV2 = /\.(onnx|huggingface)$/.test(model.path);
  const isV2 = format === "triton" || isLegacyV2 || /mlserver|tritonserver/.test(runtime);
  return isV2 ? "v2" : "v1";
}
