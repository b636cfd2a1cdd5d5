import type { Run } from "../api.ts";
import { formatMs, jsonOf } from "../bytes.ts";
import { ErrorView } from "./error-view.tsx";
import { JsonView } from "./json-view.tsx";
import { Predictions } from "./predictions.tsx";
import { protocolName } from "./steps.ts";

/** What the client got: predictions to look at, or the error. */
export function ResponseView({ run, picture }: { run: Run; picture: string | undefined }) {
  const { trace } = run;
  const isError = run.status >= 400;
  return (
    <section class="panel response" aria-labelledby="response-title" aria-live="polite">
      <div class="panel-head">
        <h2 id="response-title">Response</h2>
        <span class={isError ? "status bad" : "status good"}>{run.status}</span>
        <span class="quiet">
          {protocolName(run.protocol)} · {formatMs(trace?.milliseconds ?? run.milliseconds)}
        </span>
      </div>
      {isError ? <ErrorView run={run} /> : <Answer run={run} picture={picture} />}
    </section>
  );
}

function Answer({ run, picture }: { run: Run; picture: string | undefined }) {
  const predictions = predictionsOf(run);
  if (predictions !== undefined) return <Predictions rows={predictions} picture={picture} />;
  const body = jsonOf(run.response);
  return body === undefined ? (
    <p class="quiet">The response is not JSON; its bytes are below.</p>
  ) : (
    <JsonView value={body} />
  );
}

/** V1's rows; for other forms the rows of the last hook, which say the same. */
export function predictionsOf(run: Run): readonly unknown[] | undefined {
  const body = run.protocol === "v1" ? (jsonOf(run.response) as { predictions?: unknown } | undefined) : undefined;
  if (Array.isArray(body?.predictions)) return body.predictions;
  const last = run.trace?.postprocess ?? run.trace?.predict ?? run.trace?.preprocess;
  if (last?.kind !== "response" || "unavailable" in last.rows) return undefined;
  return last.rows.shown;
}
