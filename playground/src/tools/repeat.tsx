import { useRef, useState } from "preact/hooks";
import { credentials, serverUrl } from "../api.ts";
import { formatMs, fromBase64 } from "../bytes.ts";
import { type Call, percentiles } from "./percentiles.ts";
import type { ToolProps } from "./tool-panel.tsx";

/** Connections that a browser opens to one server; more requests at a time would only wait in it. */
const MAX_CONCURRENCY = 6;
const MAX_CALLS = 5000;

/** The same bytes again and again, straight to the server's own route. */
export function Repeat({ latest }: ToolProps) {
  const [count, setCount] = useState(100);
  const [concurrency, setConcurrency] = useState(4);
  const [calls, setCalls] = useState<readonly Call[]>([]);
  const [isRunning, setRunning] = useState(false);
  const abort = useRef<AbortController>(undefined);
  const { run } = latest;
  if (run.protocol === "grpc") {
    return <p class="quiet">A browser cannot speak gRPC. Choose another protocol to repeat this request.</p>;
  }
  const start = async () => {
    const controller = new AbortController();
    abort.current = controller;
    setRunning(true);
    setCalls([]);
    const made: Call[] = [];
    const body = fromBase64(run.request.base64);
    const begun = performance.now();
    let left = count;
    const work = async () => {
      while (left > 0 && !controller.signal.aborted) {
        left -= 1;
        const started = performance.now();
        const status = await call(`${serverUrl()}${run.path}`, run.request.headers, body, controller.signal);
        if (controller.signal.aborted) return;
        made.push({ startMs: started - begun, milliseconds: performance.now() - started, status });
        if (made.length % 20 === 0) setCalls([...made]);
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, count) }, work));
    setCalls(made);
    setRunning(false);
  };
  return (
    <div class="stack">
      <form
        class="repeat"
        onSubmit={(event) => {
          event.preventDefault();
          if (isRunning) abort.current?.abort();
          else void start();
        }}
      >
        <Count label="Requests" value={count} max={MAX_CALLS} onChange={setCount} />
        <Count
          label={`At a time (at most ${MAX_CONCURRENCY})`}
          value={concurrency}
          max={MAX_CONCURRENCY}
          onChange={setConcurrency}
        />
        <button type="submit" class={isRunning ? undefined : "primary"}>
          {isRunning ? "Stop" : "Repeat"}
        </button>
        <progress max={count} value={calls.length} aria-label="Requests answered" />
      </form>
      {calls.length > 1 && <Results calls={calls} />}
    </div>
  );
}

function Count(props: { label: string; value: number; max: number; onChange: (value: number) => void }) {
  return (
    <label>
      {props.label}
      <input
        type="number"
        min={1}
        max={props.max}
        required
        value={props.value}
        onInput={({ currentTarget }) => currentTarget.checkValidity() && props.onChange(currentTarget.valueAsNumber)}
      />
    </label>
  );
}

async function call(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: BodyInit,
  signal: AbortSignal,
): Promise<number> {
  try {
    const response = await fetch(url, { method: "POST", headers: { ...headers, ...credentials() }, body, signal });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

function Results({ calls }: { calls: readonly Call[] }) {
  const { quantiles, perSecond, failures } = percentiles(calls);
  return (
    <>
      <dl class="quantiles">
        {quantiles.map(({ name, milliseconds }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{formatMs(milliseconds)}</dd>
          </div>
        ))}
        <div>
          <dt>per second</dt>
          <dd>{perSecond.toFixed(1)}</dd>
        </div>
        <div class={failures > 0 ? "alarming" : undefined}>
          <dt>failures</dt>
          <dd>{failures}</dd>
        </div>
      </dl>
      <Plot calls={calls} />
    </>
  );
}

const [WIDTH, HEIGHT] = [640, 160];

/** Each call by when it began and how long it took; failures are crosses. */
function Plot({ calls }: { calls: readonly Call[] }) {
  const end = Math.max(...calls.map(({ startMs }) => startMs)) || 1;
  const most = Math.max(...calls.map(({ milliseconds }) => milliseconds)) || 1;
  const label = `${calls.length} calls over ${formatMs(end)}, the slowest ${formatMs(most)}`;
  return (
    <figure class="plot">
      <svg viewBox={`-4 -6 ${WIDTH + 8} ${HEIGHT + 12}`} role="img" aria-label={label}>
        <line x1={0} y1={HEIGHT} x2={WIDTH} y2={HEIGHT} />
        {calls.map(({ startMs, milliseconds, status }, index) => {
          const x = (startMs / end) * WIDTH;
          const y = HEIGHT - (milliseconds / most) * HEIGHT;
          return (
            <circle key={index} cx={x} cy={y} r={2.5} class={status === 0 || status >= 400 ? "failed" : undefined} />
          );
        })}
      </svg>
      <figcaption class="quiet">{label}</figcaption>
    </figure>
  );
}
