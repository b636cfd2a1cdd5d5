import { type ModelCounts, noCounts, sumCounts } from "../../src/observability/statistics/model-counts.ts";

const times = (count: number) => ({ count, milliseconds: count * 2 });
const compute = (count: number) => ({
  computeInput: times(count),
  computeInfer: times(count),
  computeOutput: times(count),
});
const counted = (count: number, batchSize: number): ModelCounts => ({
  ...noCounts("m"),
  lastInference: count,
  inferences: count,
  executions: count,
  success: times(count),
  queue: times(count),
  ...compute(count),
  batches: [{ batchSize, ...compute(count) }],
});

test("the counts of several processes are summed by model and batch size", () => {
  const sums = sumCounts([counted(5, 2), noCounts("other"), counted(1, 2), counted(3, 1)]);
  expect(sums).toEqual([
    {
      ...counted(9, 1),
      lastInference: 5,
      batches: [
        { batchSize: 1, ...compute(3) },
        { batchSize: 2, ...compute(6) },
      ],
    },
    noCounts("other"),
  ]);
});
