import { useEffect, useState } from "preact/hooks";
import { type PageProtocol, type Run, runRequest } from "../api.ts";
import { formatBytes, formatMs } from "../bytes.ts";
import { completionBody } from "../request/draft.ts";
import { BytesView } from "../trace/bytes-view.tsx";
import { errorMessageOf } from "../trace/error-view.tsx";
import { predictionsOf } from "../trace/response-view.tsx";
import { protocolName } from "../trace/steps.ts";
import type { ToolProps } from "./tool-panel.tsx";

type Outcome = Run | { readonly refused: string };

/** The same request in every form, with both sizes; the bytes of one are opened below. */
export function Protocols({ model, latest, verb }: ToolProps) {
  // OpenAI's form of a request is not that of the others.
  const protocols: readonly PageProtocol[] =
    latest.run.protocol === "openai"
      ? ["openai"]
      : ["v1", "v2", "v2-binary", "grpc", ...(model.completes ? ["openai" as const] : [])];
  const [outcomes, setOutcomes] = useState<Partial<Record<PageProtocol, Outcome>>>({
    [latest.run.protocol]: latest.run,
  });
  const [chosen, setChosen] = useState<PageProtocol>(latest.run.protocol);
  useEffect(() => {
    const abort = new AbortController();
    const sendAll = async () => {
      for (const protocol of protocols) {
        if (protocol === latest.run.protocol) continue;
        const body = protocol === "openai" ? completionBody(latest.draft, model) : latest.body;
        const outcome = await runRequest({ model: model.name, verb, protocol, body }, abort.signal).catch(
          (error: Error): Outcome => ({ refused: error.message }),
        );
        if (abort.signal.aborted) return;
        setOutcomes((others) => ({ ...others, [protocol]: outcome }));
      }
    };
    void sendAll();
    return () => abort.abort();
  }, []);
  const expected = JSON.stringify(predictionsOf(latest.run));
  const opened = outcomes[chosen];
  return (
    <div class="stack">
      <section class="scroll" aria-label="Protocols">
        <table>
          <thead>
            <tr>
              <th scope="col">protocol</th>
              <th scope="col">request</th>
              <th scope="col">response</th>
              <th scope="col">time</th>
              <th scope="col">outcome</th>
            </tr>
          </thead>
          <tbody>
            {protocols.map((protocol) => {
              const outcome = outcomes[protocol];
              return (
                <tr key={protocol} class={protocol === chosen ? "chosen" : undefined}>
                  <th scope="row">
                    <button type="button" aria-pressed={protocol === chosen} onClick={() => setChosen(protocol)}>
                      {protocolName(protocol)}
                    </button>
                  </th>
                  <Cells outcome={outcome} expected={expected} />
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      {opened !== undefined && !("refused" in opened) && (
        <div class="beside">
          <BytesView
            title={`Request, ${formatBytes(opened.request.length)}`}
            bytes={opened.request}
            line={`POST ${opened.path}`}
          />
          <BytesView
            title={`Response, ${formatBytes(opened.response.length)}`}
            bytes={opened.response}
            line={`${opened.status}`}
          />
        </div>
      )}
    </div>
  );
}

function Cells({ outcome, expected }: { outcome: Outcome | undefined; expected: string | undefined }) {
  if (outcome === undefined) return <td colSpan={4}>…</td>;
  if ("refused" in outcome) return <td colSpan={4}>{outcome.refused}</td>;
  const rows = predictionsOf(outcome);
  const isSame = outcome.status < 400 && JSON.stringify(rows) === expected;
  const ending =
    outcome.status >= 400
      ? `${outcome.status}: ${errorMessageOf(outcome)}`
      : rows === undefined
        ? `status ${outcome.status}`
        : isSame
          ? "the same"
          : "another response";
  return (
    <>
      <td>{formatBytes(outcome.request.length)}</td>
      <td>{formatBytes(outcome.response.length)}</td>
      <td>{formatMs(outcome.trace?.milliseconds ?? outcome.milliseconds)}</td>
      <td class={isSame ? "same" : "alarming"}>{ending}</td>
    </>
  );
}
