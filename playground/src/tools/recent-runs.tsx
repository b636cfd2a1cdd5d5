import { useEffect, useState } from "preact/hooks";
import { getRun, listRuns, type RunSummary, type RunTrace } from "../api.ts";
import { formatMs } from "../bytes.ts";
import { protocolName } from "../trace/steps.ts";
import { TracePanel } from "../trace/trace-panel.tsx";
import type { ToolProps } from "./tool-panel.tsx";

/** The last runs of the server, also those that curl and other clients sent. */
export function RecentRuns({ model, latest }: ToolProps) {
  const [runs, setRuns] = useState<readonly RunSummary[]>([]);
  const [trace, setTrace] = useState<RunTrace>();
  const [problem, setProblem] = useState<string>();
  const load = () => void listRuns().then(setRuns, (error: Error) => setProblem(error.message));
  useEffect(load, [latest.run.id]);
  return (
    <div class="stack">
      <p class="quiet">
        Requests that curl or another client sent are here, too.{" "}
        <button type="button" onClick={load}>
          Look again
        </button>
      </p>
      {problem !== undefined && <p class="alarming">{problem}</p>}
      <section class="scroll" aria-label="Recent runs">
        <table>
          <thead>
            <tr>
              <th scope="col">at</th>
              <th scope="col">model</th>
              <th scope="col">protocol</th>
              <th scope="col">status</th>
              <th scope="col">time</th>
              <th scope="col">id</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id} class={run.id === trace?.id ? "chosen" : undefined}>
                <td>{new Date(run.startedAt).toLocaleTimeString()}</td>
                <td>
                  {run.model}:{run.verb}
                </td>
                <td>{protocolName(run.protocol)}</td>
                <td class={run.status >= 400 ? "alarming" : "same"}>{run.status}</td>
                <td>{formatMs(run.milliseconds)}</td>
                <th scope="row">
                  <button
                    type="button"
                    onClick={() => void getRun(run.id).then(setTrace, (error: Error) => setProblem(error.message))}
                  >
                    {run.id.slice(0, 24)}
                  </button>
                </th>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {trace !== undefined && (
        <TracePanel key={trace.id} trace={trace} names={model.featureNames} title={`Run ${trace.id.slice(0, 24)}`} />
      )}
    </div>
  );
}
