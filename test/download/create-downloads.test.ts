import { createDownloads } from "../../src/cli/serve/create-downloads.ts";

test("an entry of --image_allow that is no address is told with the flag and its variable", () => {
  expect(() => createDownloads(["cdn.internal", "not a host!"])).toThrow(
    "--image_allow (environment variable IMAGE_ALLOW): allowed address 'not a host!': expected a host name",
  );
  expect(createDownloads()).toBeInstanceOf(Function);
});
