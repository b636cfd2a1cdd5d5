import { resolveForwardHeaders, selectForwardHeaders } from "../../src/policy/forward-headers.ts";
import { withoutHopByHop } from "../../src/policy/hop-by-hop.ts";

const CLIENT = {
  host: "client.example",
  connection: "keep-alive",
  "content-type": "application/json",
  "content-length": "10",
  cookie: "secret",
  authorization: "Bearer one",
  traceparent: "00-1-2-01",
  tracestate: "a=b",
  baggage: "c=d",
  b3: "1",
  "x-b3-traceid": "2",
  "x-request-id": "three",
  "x-tenant": "four",
};

test("trace context, request id and credentials travel on; nothing else does", () => {
  expect(selectForwardHeaders(CLIENT, resolveForwardHeaders())).toEqual({
    authorization: "Bearer one",
    traceparent: "00-1-2-01",
    tracestate: "a=b",
    baggage: "c=d",
    b3: "1",
    "x-b3-traceid": "2",
    "x-request-id": "three",
  });
});

test("a user's own names are added, whatever their case", () => {
  const names = resolveForwardHeaders({ headers: ["X-Tenant", " cookie "] });
  expect(selectForwardHeaders(CLIENT, names)).toMatchObject({ "x-tenant": "four", cookie: "secret" });
});

test("credentials stay here where forwarding them is switched off", () => {
  const names = resolveForwardHeaders({ authorization: false });
  expect(selectForwardHeaders(CLIENT, names)).not.toHaveProperty("authorization");
});

test("what Connection names is the client's connection's own", () => {
  const headers = { ...CLIENT, connection: "close, X-Request-Id ,b3" };
  const selected = selectForwardHeaders(headers, resolveForwardHeaders());
  expect(selected).not.toHaveProperty("x-request-id");
  expect(selected).not.toHaveProperty("b3");
  expect(selected).toHaveProperty("traceparent");
});

test("a header sent twice is one, joined", () => {
  expect(selectForwardHeaders({ baggage: ["a=1", "b=2"] }, resolveForwardHeaders())).toEqual({ baggage: "a=1, b=2" });
});

test.each(["transfer-encoding", "Connection", "host", "content-length", "content-type", "te", "expect"])(
  "%s cannot be forwarded",
  (name) => {
    expect(() => resolveForwardHeaders({ headers: [name] })).toThrow("cannot be forwarded");
  },
);

test.each(["", "a b", "x:y", "ü"])("'%s' is no header name", (name) => {
  expect(() => resolveForwardHeaders({ headers: [name] })).toThrow("no header name");
});

test("hop-by-hop headers are RFC 9110's and those that Connection names", () => {
  const headers = {
    connection: "close, X-One",
    "x-one": "1",
    "keep-alive": "timeout=5",
    "proxy-connection": "keep-alive",
    "proxy-authorization": "secret",
    te: "trailers",
    trailer: "x",
    "transfer-encoding": "chunked",
    upgrade: "h2c",
    "set-cookie": ["a", "b"],
    "content-length": "5",
  };
  expect(withoutHopByHop(headers)).toEqual({ "set-cookie": ["a", "b"], "content-length": "5" });
});
