import type { RunTrace } from "../../../src/playground/trace.ts";
import { formatBytes, formatMs } from "../bytes.ts";

/** Stages by time, from the request's first moment to its last. */
export function Waterfall({ trace }: { trace: RunTrace }) {
  const total = Math.max(
    trace.milliseconds,
    ...trace.stages.map(({ startMs, milliseconds = 0 }) => startMs + milliseconds),
  );
  const place = (element: HTMLElement | null, startMs: number, milliseconds: number) => {
    element?.style.setProperty("margin-inline-start", `${(startMs / total) * 100}%`);
    element?.style.setProperty("width", `${Math.max(0.4, (milliseconds / total) * 100)}%`);
  };
  return (
    <table class="waterfall">
      <caption>Times, {formatMs(trace.milliseconds)} in all</caption>
      <tbody>
        {trace.stages.map(({ name, startMs, milliseconds = 0, failed, bytes }) => (
          <tr key={`${name} ${startMs}`}>
            <th scope="row">{name}</th>
            <td class="track">
              <i
                class={`bar ${name}${failed ? " failed" : ""}`}
                ref={(element) => place(element, startMs, milliseconds)}
              />
            </td>
            <td class="time">
              {formatMs(milliseconds)}
              {bytes !== undefined && ` · ${formatBytes(bytes)}`}
              {failed && " · failed"}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
