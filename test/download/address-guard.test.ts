import { createAddressGuard, isPublicAddress } from "../../src/download/address-guard.ts";

test.each(["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "2606:4700::1111", "2a00:1450:4001::1"])(
  "%s is a public address",
  (address) => expect(isPublicAddress(address)).toBe(true),
);

test.each(["", "example.com", "1.2.3.4.5"])("%j is no address and so not public", (text) => {
  expect(isPublicAddress(text)).toBe(false);
});

describe("an allow list", () => {
  const guard = createAddressGuard(["10.1.0.0/16", "192.168.7.7", "fd00:1::/32", "[::1]", "Minio.Storage.svc."]);

  test.each([
    ["10.1.2.3", true],
    ["10.2.0.1", false],
    ["192.168.7.7", true],
    ["192.168.7.8", false],
    ["fd00:1:2::3", true],
    ["fd00:2::3", false],
    ["::1", true],
    ["::ffff:10.1.2.3", true],
    ["::ffff:10.2.0.1", false],
    ["127.0.0.1", false],
    ["8.8.8.8", true],
  ])("by network: %s is allowed: %s", (address, allowed) => {
    expect(guard.allows("some.example", address)).toBe(allowed);
  });

  test("a host name allows what it resolves to, in any spelling of case and final dot, and no other name", () => {
    expect(guard.allows("minio.storage.svc", "10.9.9.9")).toBe(true);
    expect(guard.allows("MINIO.storage.svc.", "10.9.9.9")).toBe(true);
    expect(guard.allows("evil.minio.storage.svc", "10.9.9.9")).toBe(false);
    expect(guard.allows("storage.svc", "10.9.9.9")).toBe(false);
  });

  test.each(["http://minio", "minio:9000", "10.1.0.0/33", "10.1", "0x7f.1", "*", "*.svc", "", "a b"])(
    "%j is refused as an entry, with what was expected",
    (entry) => expect(() => createAddressGuard([entry])).toThrow(`allowed address '${entry}': expected a host name`),
  );
});
