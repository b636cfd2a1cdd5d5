import { formatLogLine } from "../../src/cli/format-log-line.ts";

test("a log line for people has time, level, message and the rest", () => {
  const line = '{"level":"warn","time":"2026-01-02T03:04:05.678Z","model":"clothes","rows":[1,2],"msg":"slow"}';
  expect(formatLogLine(line, false)).toBe("03:04:05.678 WARN  slow model=clothes rows=[1,2]");
  expect(formatLogLine(line, true)).toBe("03:04:05.678 \u001b[33mWARN \u001b[0m slow model=clothes rows=[1,2]");
});

test("an error's stack stands below", () => {
  const line =
    '{"level":"error","time":"2026-01-02T03:04:05.678Z","error":{"message":"no","stack":"Error: no\\n    at /app/a.ts:1:2"},"msg":"failed"}';
  expect(formatLogLine(line, false)).toBe("03:04:05.678 ERROR failed\nError: no\n    at app/a.ts:1:2");
});

test("a message that is the stack's own is said once", () => {
  const error = (message: string, stack: string) =>
    JSON.stringify({ level: "error", time: "2026-01-02T03:04:05.678Z", status: 500, err: { stack }, msg: message });
  const own = "Error: no rows\n    at /app/a.ts:1:2";
  expect(formatLogLine(error("no rows", own), false)).toBe(
    "03:04:05.678 ERROR status=500\nError: no rows\n    at app/a.ts:1:2",
  );
  expect(formatLogLine(error("failed", own), false)).toContain("ERROR failed status=500\n");
});

test.each(["hello", "{not json", ""])("%j stays as it is", (line) => {
  expect(formatLogLine(line, false)).toBe(line);
});
