import type { PredictorOptions } from "../../manifest/inference-service/inference-service-options.ts";

export const TEMPLATE_NAMES = ["blank", "image", "tabular", "text", "completion"] as const;
export const RUNNER_NAMES = ["node", "jest", "vitest"] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];
export type RunnerName = (typeof RUNNER_NAMES)[number];

interface TemplateChoice {
  /** The predictor of the InferenceService. */
  readonly predictor: Partial<PredictorOptions>;
  /** Rows of the README's table besides the common ones. */
  readonly rows?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Flags of the script that serves local.ts. */
  readonly flags?: string;
  /** Where the README sends its request. */
  readonly path?: string;
}

export const TEMPLATES: Readonly<Record<TemplateName, TemplateChoice>> = {
  blank: { predictor: { format: "sklearn" } },
  image: { predictor: { format: "tensorflow" } },
  tabular: {
    predictor: { format: "sklearn", env: { PREDICT_PROBA: "true" } },
    rows: "| `specification.json` | how records become vectors, and predictions decisions |\n",
  },
  text: {
    predictor: { format: "triton" },
    rows: "| `tokenizer.json` | how texts become token ids: replace it by your model's |\n",
    dependencies: { "@huggingface/jinja": "^0.5.0", "@huggingface/tokenizers": "^0.2.0" },
  },
  completion: {
    predictor: { format: "huggingface" },
    flags: " --predictor_host 127.0.0.1:8081",
    path: "/openai/v1/chat/completions",
  },
};

interface RunnerChoice {
  readonly title: string;
  readonly script: string;
  /** Where `test` is imported from. */
  readonly module: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export const RUNNERS: Readonly<Record<RunnerName, RunnerChoice>> = {
  node: {
    title: "Node's own runner",
    script: "jiti transformer.test.ts",
    module: "node:test",
    devDependencies: { jiti: "^2.7.0" },
  },
  jest: {
    title: "jest",
    script: "node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js",
    module: "@jest/globals",
    devDependencies: {
      "@jest/globals": "^30.0.0",
      "@swc/core": "^1.15.0",
      "@swc/jest": "^0.2.39",
      jest: "^30.0.0",
      "jest-environment-node": "^30.0.0",
    },
  },
  vitest: { title: "vitest", script: "vitest run", module: "vitest", devDependencies: { vitest: "^3.2.0" } },
};
