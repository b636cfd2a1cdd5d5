import { parsePredictorAddress } from "../../src/predictor/predictor-address.ts";

test.each([
  ["demo-predictor.lab", undefined, "http://demo-predictor.lab", "", "demo-predictor.lab:80"],
  ["demo-predictor.lab", true, "https://demo-predictor.lab", "", "demo-predictor.lab:443"],
  ["demo-predictor.lab:80", undefined, "http://demo-predictor.lab", "", "demo-predictor.lab:80"],
  ["localhost:8080", undefined, "http://localhost:8080", "", "localhost:8080"],
  ["localhost:8443", true, "https://localhost:8443", "", "localhost:8443"],
  ["[::1]:8080", undefined, "http://[::1]:8080", "", "[::1]:8080"],
  ["http://localhost:8080/a/b/", undefined, "http://localhost:8080", "/a/b", "localhost:8080"],
  ["HTTPS://demo", undefined, "https://demo", "", "demo:443"],
  ["https://demo:443/x", true, "https://demo", "/x", "demo:443"],
] as const)("%s (TLS %s) is %s", (host, useSsl, origin, basePath, address) => {
  expect(parsePredictorAddress(host, useSsl)).toEqual({
    origin,
    basePath,
    address,
    secure: origin.startsWith("https"),
  });
});

test.each([
  ["", "expected host"],
  ["http://", "expected host"],
  ["a b", "expected host"],
  ["8501", "8501 is a port alone; write localhost:8501"],
  ["host:99999", "expected host"],
  ["ftp://host", "got ftp://"],
  ["http://user:secret@host", "credentials"],
  ["http://host/?x=1", "no query"],
])("%s is refused: %s", (host, message) => {
  expect(() => parsePredictorAddress(host, undefined)).toThrow(message);
  expect(() => parsePredictorAddress(host, undefined)).not.toThrow("secret");
});

test("http:// with TLS is a contradiction", () => {
  expect(() => parsePredictorAddress("http://host", true)).toThrow("contradicts");
});
