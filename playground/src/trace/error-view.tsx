import type { ThrownTrace } from "../../../src/playground/trace.ts";
import type { Run } from "../api.ts";
import { jsonOf } from "../bytes.ts";
import { JsonView } from "./json-view.tsx";

/** What the client was told; in development also where the hook threw. */
export function ErrorView({ run }: { run: Run }) {
  const error = run.trace?.error;
  const message = error?.message ?? errorMessageOf(run);
  return (
    <div class="error" role="alert">
      <p class="message">
        {error !== undefined && <code>{error.code}</code>} {message}
      </p>
      {error?.thrown !== undefined && <Thrown thrown={error.thrown} />}
      {error === undefined && jsonOf(run.response) !== undefined && <JsonView value={jsonOf(run.response)} />}
    </div>
  );
}

/** `{"error": message}` of V1 and V2, gRPC's message, or the status. */
export function errorMessageOf({ response, status }: Run): string {
  const body = jsonOf(response) as { error?: unknown } | undefined;
  if (typeof body?.error === "string") return body.error;
  const details = response.headers["grpc-message"];
  return details === undefined ? `status ${status}` : decodeURIComponent(details);
}

function Thrown({ thrown }: { thrown: ThrownTrace }) {
  const [first] = thrown.frames;
  const { code } = thrown;
  return (
    <>
      <p class="thrown">{thrown.summary}</p>
      {code !== undefined && first !== undefined && (
        <figure class="code-frame">
          <figcaption>
            {first.file}:{first.line}:{first.column}
          </figcaption>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is reached by keyboard */}
          <pre tabIndex={0}>
            <code>
              {code.lines.map((line, index) => {
                const number = code.firstLine + index;
                return (
                  <span key={number} class={number === first.line ? "line here" : "line"}>
                    <b>{number}</b>
                    {line}
                    {"\n"}
                  </span>
                );
              })}
            </code>
          </pre>
        </figure>
      )}
      {thrown.frames.length > 1 && (
        <ul class="frames">
          {thrown.frames.slice(1).map(({ where, file, line, column }) => (
            <li key={`${file}:${line}:${column}`}>
              {where} <code>{`${file}:${line}:${column}`}</code>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The place that a message names: `instances[0].age: expected …`, `inputs.age[0]: …`. */
export function faultyField(message: string): { readonly row: number; readonly field: string } | undefined {
  const [, row, field] = /^instances\[(\d+)\](?:\.([\w-]+))?/.exec(message) ?? [];
  if (row !== undefined) return { row: Number(row), field: field ?? "" };
  const [, column, index] = /^inputs\.([\w-]+)\[(\d+)\]/.exec(message) ?? [];
  return column === undefined ? undefined : { row: Number(index), field: column };
}
