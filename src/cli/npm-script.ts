const INTERVAL_MS = 500;

/**
 * Calls back when this process runs in a script of npm (yarn, pnpm) and what started it has ended. A signal to npm ends its shell, and
 * the shell does not pass it on: the server would go on without anybody who could end it. A script that starts it in the background,
 * by a lone `&`, wants just that.
 */
export function onScriptEnded(env: Readonly<Record<string, string | undefined>>, ended: () => void): void {
  const script = env["npm_lifecycle_script"];
  if (script === undefined || !script.includes("kserve-transformer") || /(?<![&>])&(?!&)/.test(script)) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    // Node asks the system each time; an orphan has another parent.
    if (process.ppid === parent) return;
    clearInterval(timer);
    ended();
  }, INTERVAL_MS);
  timer.unref();
}
