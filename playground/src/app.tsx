import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import {
  describeServer,
  type ModelDeclaration,
  type PageProtocol,
  type RequestError,
  type Run,
  runRequest,
  type ServerDescription,
} from "./api.ts";
import { Header } from "./header.tsx";
import { bodyOf, completionBody, createDraft, type Draft, isCompletion } from "./request/draft.ts";
import { RequestPanel } from "./request/request-panel.tsx";
import { ToolPanel } from "./tools/tool-panel.tsx";
import { errorMessageOf } from "./trace/error-view.tsx";
import { ResponseView } from "./trace/response-view.tsx";
import { TracePanel } from "./trace/trace-panel.tsx";

/** One run, and the form as it was sent. */
export interface SentRun {
  readonly run: Run;
  readonly draft: Draft;
  readonly body: string;
}

const MAX_KEPT = 20;

export function App() {
  const [server, setServer] = useState<ServerDescription>();
  const [failure, setFailure] = useState<RequestError>();
  const [chosen, setChosen] = useState<string>();
  const load = useCallback(() => {
    setFailure(undefined);
    describeServer().then(setServer, (error: RequestError) => setFailure(error));
  }, []);
  useEffect(load, [load]);
  const model = server?.models.find(({ name }) => name === chosen) ?? server?.models[0];
  // A model that is still loading is asked for again until it is ready.
  useEffect(() => {
    if (model === undefined || model.state === "ready" || model.state === "failed") return;
    const timer = setTimeout(load, 500);
    return () => clearTimeout(timer);
  }, [model, load]);
  return (
    <>
      <Header
        models={server?.models ?? []}
        model={model}
        onModel={setChosen}
        needsKey={failure?.status === 401}
        onKey={load}
      />
      <main>
        {failure !== undefined && failure.status !== 401 && (
          <p class="panel alarming" role="alert">
            {failure.message}{" "}
            <button type="button" onClick={load}>
              Try again
            </button>
          </p>
        )}
        {failure?.status === 401 && <p class="panel">This server asks for credentials. Enter your key above.</p>}
        {model !== undefined && failure === undefined && (
          <Model key={`${model.name} ${model.state}`} model={model} module={server?.module} />
        )}
      </main>
    </>
  );
}

function Model({ model, module }: { model: ModelDeclaration; module: string | undefined }) {
  const [draft, setDraft] = useState(() => createDraft(model));
  const [protocol, setProtocol] = useState<PageProtocol>(() => firstProtocol(model));
  const [verb, setVerb] = useState("predict");
  const [sent, setSent] = useState<readonly SentRun[]>([]);
  const [running, setRunning] = useState<AbortController>();
  const [complaint, setComplaint] = useState<string>();
  const result = useRef<HTMLDivElement>(null);
  const latest = sent[0];

  const send = async (drafted: Draft = draft, through: PageProtocol = protocol) => {
    running?.abort();
    const abort = new AbortController();
    setRunning(abort);
    setComplaint(undefined);
    try {
      const body = through === "openai" ? completionBody(drafted, model) : bodyOf(drafted, model);
      const run = await runRequest({ model: model.name, verb, protocol: through, body }, abort.signal);
      setSent((others) => [{ run, draft: drafted, body }, ...others].slice(0, MAX_KEPT));
      if (run.status >= 400) setComplaint(run.trace?.error?.message ?? errorMessageOf(run));
      // On a phone the response is below the form.
      if (window.innerWidth < 900) result.current?.scrollIntoView({ behavior: "smooth" });
    } catch (error) {
      if (!abort.signal.aborted) setComplaint((error as Error).message);
    } finally {
      setRunning((current) => (current === abort ? undefined : current));
    }
  };
  const onSend = useRef(send);
  onSend.current = send;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void onSend.current();
    };
    document.addEventListener("keydown", onKeyDown, true);
    return () => document.removeEventListener("keydown", onKeyDown, true);
  }, []);

  if (model.state !== "ready") {
    return model.state === "failed" ? (
      <p class="panel alarming" role="alert">
        {model.name} failed to load: {model.failure}
      </p>
    ) : (
      <p class="panel">{model.name} is loading…</p>
    );
  }
  return (
    <div class="columns">
      <RequestPanel
        model={model}
        draft={draft}
        protocol={protocol}
        verb={verb}
        isRunning={running !== undefined}
        complaint={complaint}
        onDraft={setDraft}
        onProtocol={(each) => {
          setProtocol(each);
          if (latest !== undefined) void send(draft, each);
        }}
        onVerb={setVerb}
        onSend={(made) => {
          const through = made === undefined ? protocol : protocolFor(made, model, protocol);
          setProtocol(through);
          void send(made, through);
        }}
      />
      <div class="result" ref={result}>
        {latest === undefined ? (
          <Welcome model={model} />
        ) : (
          <>
            <ResponseView
              run={latest.run}
              picture={latest.draft.mode === "picture" ? latest.draft.pictures[0]?.preview : undefined}
            />
            {latest.run.trace !== undefined && (
              <TracePanel key={latest.run.id} trace={latest.run.trace} names={model.featureNames} />
            )}
            <ToolPanel model={model} latest={latest} sent={sent} verb={verb} module={module} />
          </>
        )}
      </div>
    </div>
  );
}

function firstProtocol({ completes, hooks }: ModelDeclaration): PageProtocol {
  return completes && hooks.length > 0 && hooks.every((hook) => /Completion$|Chunk$/.test(hook)) ? "openai" : "v1";
}

/** An example goes through the protocol that is chosen, where it has that form. */
function protocolFor(example: Draft, { completes }: ModelDeclaration, chosen: PageProtocol): PageProtocol {
  if (completes && isCompletion(example)) return "openai";
  return chosen === "openai" && example.mode !== "text" ? "v1" : chosen;
}

function Welcome({ model }: { model: ModelDeclaration }) {
  const hooks = model.hooks.join(" → ") || "no hooks";
  return (
    <section class="panel welcome" aria-labelledby="welcome-title">
      <h2 id="welcome-title">See what the model sees</h2>
      <p>
        Send a request{model.examples.length > 0 ? ", or click an example," : ""} and follow it through{" "}
        <code>{model.transformer ?? model.name}</code>: {hooks}
        {model.predictor === undefined ? "" : ` → ${model.predictor}`}.
      </p>
    </section>
  );
}
