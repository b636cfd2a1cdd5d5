import { type PipelineSpecification, parseTabularSpecification } from "kserve-transformer/tabular";

/** ColumnTransformer with imputer and scaler, imputer and encoder, encoder; behind it a LogisticRegression. */
export const CHURN = {
  version: 2,
  columns: [
    { name: "age", type: "number" },
    { name: "city", type: "text" },
    { name: "vip", type: "boolean" },
  ],
  steps: [
    {
      kind: "columns",
      branches: [
        {
          columns: [0],
          steps: [
            { kind: "simple_imputer", statistics: [50], indicators: [0] },
            { kind: "standard_scaler", mean: [50, 0.25], scale: [20, 0.5] },
          ],
        },
        {
          columns: [1],
          steps: [
            { kind: "simple_imputer", statistics: ["Oslo"] },
            {
              kind: "one_hot_encoder",
              columns: [{ categories: ["Köln", "Oslo", "Rome"], places: [0, 1, 2], width: 3, unknown: "zeros" }],
            },
          ],
        },
        {
          columns: [2],
          steps: [
            { kind: "one_hot_encoder", columns: [{ categories: [0, 1], places: [-1, 0], width: 1, unknown: "error" }] },
          ],
        },
      ],
    },
  ],
  model: { coefficients: [[1, 2, 0.5, -0.5, 0.25, 1]], intercepts: [-0.5], link: "logistic" },
  answer: { name: "churn", classes: ["stays", "leaves"] },
} as const;

/** The file with some members changed. */
export function churnPipeline(changes: object = {}): PipelineSpecification {
  const specification = parseTabularSpecification(JSON.stringify({ ...CHURN, ...changes }), "churn.json");
  if (specification.version !== 2) throw new Error(`expected version 2, got ${specification.version}`);
  return specification;
}
