import { useId, useState } from "preact/hooks";
import type { RunTrace } from "../../../src/playground/trace.ts";
import { formatMs } from "../bytes.ts";
import { BytesView } from "./bytes-view.tsx";
import { ContentView } from "./content-view.tsx";
import { type Step, type StepName, stepsOf } from "./steps.ts";
import { Waterfall } from "./waterfall.tsx";

/** What happened to a request, station by station; the chosen one is opened below. */
export function TracePanel(props: {
  readonly trace: RunTrace;
  readonly names: readonly string[] | undefined;
  readonly title?: string;
}) {
  const { trace, names, title = "What each hook did" } = props;
  const heading = useId();
  const steps = stepsOf(trace);
  const [chosen, setChosen] = useState<StepName>();
  const step = steps.find(({ name }) => name === chosen) ?? preferred(steps);
  return (
    <section class="panel" aria-labelledby={heading}>
      <h2 id={heading}>{title}</h2>
      <ol class="flow">
        {steps.map((each) => (
          <li key={each.name}>
            <button
              type="button"
              class={each.failed ? "station failed" : "station"}
              aria-pressed={each === step}
              onClick={() => setChosen(each.name)}
            >
              <b>{each.title}</b>
              <span>{each.subtitle}</span>
              <time>{each.milliseconds === undefined ? " " : formatMs(each.milliseconds)}</time>
            </button>
          </li>
        ))}
      </ol>
      <Waterfall trace={trace} />
      {step !== undefined && (
        <div class="station-body">
          <StepBody step={step} trace={trace} names={names} />
        </div>
      )}
    </section>
  );
}

/** A failure first; else the tensors that go to the model, which is what people come to see. */
function preferred(steps: readonly Step[]): Step | undefined {
  return (
    steps.find(({ failed, name }) => failed && name !== "response") ??
    steps.find(({ name }) => name === "preprocess") ??
    steps.find(({ name }) => name === "predict") ??
    steps[0]
  );
}

function StepBody({ step, trace, names }: { step: Step; trace: RunTrace; names: readonly string[] | undefined }) {
  const { name, content } = step;
  if (name === "request") {
    return (
      <>
        <BytesView title={`${trace.request.length} bytes from the client`} bytes={trace.request} />
        {content && <ContentView content={content} names={undefined} />}
      </>
    );
  }
  if (name === "predictor") {
    return (
      <>
        {trace.predictor.map((call, index) => (
          <article key={index}>
            <p>
              <span class="tag">{call.protocol}</span> <code>POST {call.path}</code>
            </p>
            <BytesView title={`Request, ${call.request.length} bytes`} bytes={call.request} />
            {call.response === undefined ? (
              <p class="alarming">No response came.</p>
            ) : (
              <BytesView title={`Response, ${call.response.length} bytes`} bytes={call.response} />
            )}
          </article>
        ))}
      </>
    );
  }
  if (name === "response") {
    return trace.response === undefined ? (
      <p class="quiet">The request ended with an error, which stands above.</p>
    ) : (
      <BytesView title={`${trace.response.length} bytes to the client`} bytes={trace.response} />
    );
  }
  if (content === undefined) return <p class="alarming">{step.title} threw: there is no result to show.</p>;
  return <ContentView content={content} names={name === "preprocess" ? names : undefined} />;
}
