import { redactJson } from "../../src/observability/payload-events/redact-json.ts";

const redact = (text: string, ...names: string[]): string => redactJson(Buffer.from(text), new Set(names)).toString();

test.each([
  [
    '{"instances":[{"age":41,"name":"Ada"},{"name":"Bob","age":1.0}]}',
    ["age"],
    '{"instances":[{"age":"[redacted]","name":"Ada"},{"name":"Bob","age":"[redacted]"}]}',
  ],
  [
    '{"a": {"b": [1, {"c": 2}]}, "d": 12345678901234567890}',
    ["b"],
    '{"a": {"b": "[redacted]"}, "d": 12345678901234567890}',
  ],
  [
    '{"inputs":[{"name":"ssn","shape":[2],"data":["1","2"]},{"name":"x","data":[1.0]}]}',
    ["ssn"],
    '{"inputs":[{"name":"ssn","shape":[2],"data":"[redacted]"},{"name":"x","data":[1.0]}]}',
  ],
  ['{"inputs":[{"data":[[1],{"name":"x"}],"name":"ssn"}]}', ["ssn"], '{"inputs":[{"data":"[redacted]","name":"ssn"}]}'],
  ['{"a\\u0067e":1}', ["age"], '{"a\\u0067e":"[redacted]"}'],
  ['{"text":"\\"age\\":1, }","x":NaN}', ["age"], '{"text":"\\"age\\":1, }","x":NaN}'],
  ['["age",{"n":"age"}]', ["age"], '["age",{"n":"age"}]'],
  [' {"age" : {"age":{"age":1}} , "y":2}', ["age"], ' {"age" : "[redacted]" , "y":2}'],
  ['{"name":"ssn","data":{"name":"ssn","data":[1]}}', ["ssn"], '{"name":"ssn","data":"[redacted]"}'],
])("%s without %j", (text, names, expected) => {
  expect(redact(text, ...names)).toBe(expected);
});

test("what is no JSON is refused: a member could hide in it", () => {
  for (const text of ["{'age':1}", '{"age":1', '{"a":1}{"age":2}', "age=1", ""]) {
    expect(() => redact(text, "age")).toThrow();
  }
});

test("a deep nest of data is read, and goes as a whole", () => {
  const depth = 900;
  const text = `${'{"name":"x","data":'.repeat(depth)}"${"y".repeat(100_000)}"${"}".repeat(depth)}`;
  expect(redact(text, "z")).toBe(text);
  expect(redact(text, "x")).toBe('{"name":"x","data":"[redacted]"}');
});
