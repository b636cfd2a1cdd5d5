import type { FlagTable } from "./flag.ts";
import { ACCESS_FLAGS } from "./own-flags/access-flags.ts";
import { LIMIT_FLAGS } from "./own-flags/limit-flags.ts";
import { PAGE_FLAGS } from "./own-flags/page-flags.ts";
import { PREDICTOR_FLAGS } from "./own-flags/predictor-flags.ts";
import { PROCESS_FLAGS } from "./own-flags/process-flags.ts";
import { REQUEST_FLAGS } from "./own-flags/request-flags.ts";

/** The flags that this package adds, by subject, in the order of the help. */
export const OWN_FLAG_GROUPS: Readonly<Record<string, FlagTable>> = {
  "The predictor": PREDICTOR_FLAGS,
  "Requests and responses": REQUEST_FLAGS,
  Access: ACCESS_FLAGS,
  "Limits and timeouts": LIMIT_FLAGS,
  "The server": PROCESS_FLAGS,
  Pages: PAGE_FLAGS,
};

/** All of them. None begins with a name in `INJECTED_FLAGS`: the controller would add nothing then. */
export const OWN_FLAGS: typeof PREDICTOR_FLAGS &
  typeof REQUEST_FLAGS &
  typeof ACCESS_FLAGS &
  typeof LIMIT_FLAGS &
  typeof PROCESS_FLAGS &
  typeof PAGE_FLAGS = {
  ...PREDICTOR_FLAGS,
  ...REQUEST_FLAGS,
  ...ACCESS_FLAGS,
  ...LIMIT_FLAGS,
  ...PROCESS_FLAGS,
  ...PAGE_FLAGS,
};
