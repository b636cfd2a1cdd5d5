import { fromMetadata, toMetadata } from "../../src/policy/grpc-metadata.ts";

const values = (header: string) =>
  toMetadata({ "trace-bin": header })
    .get("trace-bin")
    .map((value) => Buffer.from(value as Buffer).toString("utf8"));

test.each([
  ["QUI=", ["AB"]],
  ["QUI", ["AB"]],
  ["QUJD", ["ABC"]],
  ["QUI=, QQ==,Qg", ["AB", "A", "B"]],
  ["", [""]],
  ["QU I=", []],
  ["QUI=!", []],
  ["Q", []],
  ["QQ==, ?, Qg==", ["A", "B"]],
])("a -bin header of %j is %j; what is no base64 stays behind", (header, expected) => {
  expect(values(header)).toEqual(expected);
});

test("the fault of a -bin header is told to whom it concerns", () => {
  const faults: string[] = [];
  toMetadata({ "a-bin": "QUJDQUJ!", b: "é" }, (name, fault) => faults.push(`${name}: ${fault}`));
  expect(faults).toEqual(['a-bin: got "!" at character 8']);
});

test("several values go there and back", () => {
  const header = { "trace-bin": "QUI=, QQ==" };
  expect(fromMetadata(toMetadata(header))).toEqual(header);
});
