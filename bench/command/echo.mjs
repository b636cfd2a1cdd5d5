import { setTimeout as delay } from "node:timers/promises";
import { Transformer } from "kserve-transformer";

/** Gives back its inputs, after `ECHO_MS` milliseconds where they are set. */
export default ({ env }) =>
  new (class Echo extends Transformer {
    async predict(request) {
      const milliseconds = Number(env.ECHO_MS ?? 0);
      if (milliseconds > 0) await delay(milliseconds);
      return request.reply({ outputs: request.inputs });
    }
  })();
