import { invalidArgument } from "../../errors.ts";
import type { Verb } from "../../inference/inference-client.ts";
import { type ModelNames, toPredictorName } from "../model-names.ts";

/** The protocols of HTTP predictors. */
export type HttpProtocol = "v1" | "v2";

/** Where a predictor of one protocol answers, by public model name. */
export class HttpPaths {
  readonly #protocol: HttpProtocol;
  readonly #basePath: string;
  readonly #names: ModelNames;

  constructor(protocol: HttpProtocol, basePath: string, names: ModelNames) {
    this.#protocol = protocol;
    this.#basePath = basePath;
    this.#names = names;
  }

  infer(modelName: string, version: string | undefined, verb: Verb): string {
    const model = this.#model(modelName, version);
    return this.#protocol === "v1" ? `${model}:${verb}` : `${model}/infer`;
  }

  ready(modelName: string, version?: string): string {
    const model = this.#model(modelName, version);
    return this.#protocol === "v1" ? model : `${model}/ready`;
  }

  /** V2's model metadata; V1 has none. */
  metadata(modelName: string): string {
    return this.#model(modelName, undefined);
  }

  /** V2's server metadata. */
  server(): string {
    return `${this.#basePath}/v2`;
  }

  #model(modelName: string, version: string | undefined): string {
    const name = segment("model name", toPredictorName(modelName, this.#names));
    const model = `${this.#basePath}/${this.#protocol}/models/${name}`;
    return version === undefined ? model : `${model}/versions/${segment("model version", version)}`;
  }
}

/** One segment of a path. A gateway on the way resolves dots, whatever they are encoded as, and would ask for another path. */
function segment(what: string, text: string): string {
  if (text === "" || text === "." || text === "..") {
    throw invalidArgument(`${what} must not be ${JSON.stringify(text)}`);
  }
  return encodeURIComponent(text);
}
