import { invalidArgument } from "../../errors.ts";
import type { RowSchema } from "../../inference/checks/standard-schema.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import { describeValue } from "../../tensor/describe-value.ts";
import type { JsonObject } from "../../tensor/json-value.ts";
import { assertFinite, type Column, RowFault } from "../steps/step.ts";
import { createSteps } from "../steps/steps.ts";
import type { Vectorizer } from "../vectorizer.ts";
import { columnKinds, createPipelineRecords, fieldOf, toColumns } from "./pipeline-records.ts";
import type { PipelineSpecification } from "./pipeline-specification.ts";

/** Records → feature vectors by the steps of version 2, in 64-bit floats and scikit-learn's (1.9) order of operations. */
export function createPipeline(specification: PipelineSpecification): Vectorizer {
  const { columns, steps, model } = specification;
  const faults: string[] = [];
  const chain = createSteps(steps, columnKinds(columns), (path, message) => {
    faults.push(`steps${path.map((part) => `[${part}]`).join("")}: ${message}`);
  });
  if (faults.length > 0) throw invalidArgument(faults.join("\n"));
  const records = createPipelineRecords(columns);

  const run = (rows: readonly JsonObject[]): number[][] => {
    const outputs = chain.apply(toColumns(rows, columns));
    if (model !== undefined) assertFinite(outputs, chain.outputs, "the model", "missing is refused");
    return toVectors(outputs, rows.length);
  };
  return {
    featureNames: chain.outputs.map(({ name }) => name),
    records,
    transform: (rows) => {
      try {
        return run(rows);
      } catch (error) {
        if (!(error instanceof RowFault)) throw error;
        const { field, message } = describeFault(error, rows);
        throw invalidArgument(`instances[${error.row}].${field}: ${message}`);
      }
    },
    vectors: (request) => {
      const rows = request.rows(records);
      try {
        return run(rows);
      } catch (error) {
        throw error instanceof RowFault ? placeFault(request, error, rows) : error;
      }
    },
  };
}

function describeFault(fault: RowFault, rows: readonly JsonObject[]): { field: string; message: string } {
  const field = fault.column.fields[0] ?? fault.column.name;
  const value = fieldOf(rows[fault.row] ?? {}, field);
  return { field, message: `${fault.message}, got ${describeValue(value)}` };
}

/** The fault named in the client's own form: the request names its rows when a schema refuses one. */
function placeFault(request: InferRequest, fault: RowFault, rows: readonly JsonObject[]): unknown {
  const { field, message } = describeFault(fault, rows);
  let row = 0;
  const refusing: RowSchema = {
    "~standard": {
      version: 1,
      vendor: "kserve-transformer",
      validate: (value) => (row++ === fault.row ? { issues: [{ message, path: [field] }] } : { value }),
    },
  };
  try {
    request.rows(refusing);
  } catch (error) {
    return error;
  }
  return fault;
}

function toVectors(columns: readonly Column[], rows: number): number[][] {
  return Array.from({ length: rows }, (_, row) => columns.map((column) => column[row] as number));
}
