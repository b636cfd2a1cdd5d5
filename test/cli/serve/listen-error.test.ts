import { explainListenError } from "../../../src/cli/serve/listen-error.ts";
import { InferenceError } from "../../../src/errors.ts";

const failed = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

test.each([
  ["EADDRINUSE", undefined, "port 80 is taken by another process; choose another with --http_port (in"],
  ["EACCES", undefined, "port 80 may not be used by this user; choose one from 1024 up"],
  ["EADDRNOTAVAIL", "10.9.9.9", "--host 10.9.9.9 is no address of this machine"],
  ["ENOTFOUND", "nowhere", "--host nowhere is no address of this machine"],
])("%s is told in plain words", (code, host, message) => {
  const cause = failed(code);
  const error = explainListenError(cause, host, 80);
  expect(error).toBeInstanceOf(InferenceError);
  expect(error).toMatchObject({ message: expect.stringContaining(message), code: "internal", cause });
});

test("other errors stay as they are", () => {
  const error = failed("EMFILE");
  expect(explainListenError(error, undefined, 80)).toBe(error);
});
