import { useState } from "preact/hooks";
import type { ModelDeclaration } from "../api.ts";
import type { SentRun } from "../app.tsx";
import { Compare } from "./compare.tsx";
import { Protocols } from "./protocols.tsx";
import { RecentRuns } from "./recent-runs.tsx";
import { Repeat } from "./repeat.tsx";
import { TakeAway } from "./take-away.tsx";

const TOOLS = ["Protocols", "Compare", "Repeat", "Take it with you", "Recent runs"] as const;

export interface ToolProps {
  readonly model: ModelDeclaration;
  readonly latest: SentRun;
  readonly sent: readonly SentRun[];
  readonly verb: string;
  /** File of the transformer, for the test that is written. */
  readonly module: string | undefined;
}

/** What one can do with a run besides looking at it. */
export function ToolPanel(props: ToolProps) {
  const [tool, setTool] = useState<(typeof TOOLS)[number]>("Protocols");
  return (
    <section class="panel tools" aria-labelledby="tools-title">
      <div class="panel-head">
        <h2 id="tools-title">And then</h2>
        <fieldset class="switch" aria-label="Tool">
          {TOOLS.map((each) => (
            <button key={each} type="button" aria-pressed={each === tool} onClick={() => setTool(each)}>
              {each}
            </button>
          ))}
        </fieldset>
      </div>
      {tool === "Protocols" && <Protocols key={props.latest.run.id} {...props} />}
      {tool === "Compare" && <Compare {...props} />}
      {tool === "Repeat" && <Repeat key={props.latest.run.id} {...props} />}
      {tool === "Take it with you" && <TakeAway key={props.latest.run.id} {...props} />}
      {tool === "Recent runs" && <RecentRuns {...props} />}
    </section>
  );
}
