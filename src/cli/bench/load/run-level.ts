import type { LoadClient } from "../load-client.ts";
import type { StartLoad } from "./load.ts";
import { isStable, STABLE_WINDOWS } from "./stability.ts";
import { mergeWindows, type Window, WindowRecorder } from "./window.ts";

export interface LevelOptions {
  readonly createClient: () => LoadClient;
  readonly start: StartLoad;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** One window is taken as it is; of several, the last three have to agree. */
  readonly maxWindows: number;
  readonly stabilityPercent: number;
  /** Asked after each window; true ends the level. */
  readonly isDecided?: ((windows: readonly Window[]) => boolean) | undefined;
  readonly onWindow?: (window: Window, number: number) => void;
  readonly signal: AbortSignal;
}

export interface LevelResult {
  /** The windows that count, as one: the last three, or all where there are fewer. */
  readonly measured: Window;
  readonly windows: readonly Window[];
  /** Undefined where one window was asked for, and the rule has nothing to say. */
  readonly stable: boolean | undefined;
}

/** How long a level's last requests get before their connections are closed. */
const GRACE_MS = 2000;

/** Load at one level: a warm-up that does not count, then windows without a gap until they agree. */
export async function runLevel(options: LevelOptions): Promise<LevelResult> {
  const { createClient, start, warmUpMs, windowMs, maxWindows, stabilityPercent, signal } = options;
  const client = createClient();
  let recorder = new WindowRecorder(performance.now());
  const windows: Window[] = [];
  const load = start(client, {
    ended: (outcome, milliseconds) => recorder.record(outcome, milliseconds),
    sentLate: (milliseconds) => recorder.recordLag(milliseconds),
  });
  try {
    await pause(warmUpMs, signal);
    recorder = new WindowRecorder(performance.now());
    while (windows.length < maxWindows && !signal.aborted) {
      await pause(windowMs, signal);
      const now = performance.now();
      const window = recorder.close(now, load.waiting);
      recorder = new WindowRecorder(now);
      windows.push(window);
      options.onWindow?.(window, windows.length);
      if (isFruitless(window) || isStable(windows, stabilityPercent) || options.isDecided?.(windows)) break;
    }
  } finally {
    await load.stop(signal.aborted ? 0 : GRACE_MS);
    client.close();
  }
  return {
    measured: mergeWindows(windows.slice(-STABLE_WINDOWS)),
    windows,
    stable: maxWindows === 1 ? undefined : isStable(windows, stabilityPercent),
  };
}

/** Nothing but failures: another window would say the same. */
function isFruitless({ latencies, failed }: Window): boolean {
  return latencies.length === 0 && failed > 0;
}

/** Ends early when the signal is aborted. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || milliseconds === 0) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
