/** What stands in front of the predictor: how each is started. Each answers `GET /v2/models/m/ready` once it is ready. */
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./processes.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const file = (name) => fileURLToPath(new URL(`contenders/${name}`, import.meta.url));

/** What a page calls them. */
export const NAMES = {
  ours: "kserve-transformer",
  sdk: "KServe's Python SDK",
  bare: "bare node:http and undici proxy",
  nginx: "nginx, one worker",
  service: "Python service by hand",
};

/** Starts a contender in front of `predictor` (host:port) and does not wait for it. */
export async function startContender(name, { kind, protocol = "v1", predictor, python }) {
  const port = await freePort();
  const options = { stdio: ["ignore", "ignore", process.env.BENCH_LOG ? "inherit" : "ignore"] };
  const child = spawn(...(await commands[name]({ kind, protocol, predictor, python, port })), options);
  return { name, child, port };
}

const commands = {
  ours: ({ kind, protocol, predictor, port }) => [
    process.execPath,
    [
      ...[join(root, "dist/src/cli/main.js"), "serve", file(`${kind}.mjs`), "--host", "127.0.0.1"],
      ...["--model_name", "m", "--predictor_host", predictor, "--predictor_protocol", protocol],
      ...["--http_port", `${port}`, "--image_allow", "127.0.0.1", "--drain_seconds", "0"],
    ],
  ],
  sdk: async ({ kind, protocol, predictor, python, port }) => [
    python,
    [
      ...[file("python_sdk.py"), kind, "--model_name=m", `--predictor_host=${predictor}`],
      ...[`--predictor_protocol=${protocol}`, `--http_port=${port}`, `--grpc_port=${await freePort()}`],
    ],
  ],
  service: ({ predictor, python, port }) => [python, [file("python_service.py"), predictor, `${port}`]],
  bare: ({ predictor, port }) => [process.execPath, [file("bare-proxy.mjs"), predictor, `${port}`]],
  nginx: ({ predictor, port }) => {
    const folder = mkdtempSync(join(tmpdir(), "nginx-"));
    writeFileSync(join(folder, "nginx.conf"), nginxConfiguration(folder, predictor, port));
    return ["nginx", ["-p", folder, "-c", join(folder, "nginx.conf")]];
  },
};

/** One worker, as the others have one event loop; connections to the predictor stay open; bodies stay in memory. */
function nginxConfiguration(folder, predictor, port) {
  return `daemon off; master_process off; error_log stderr crit; pid ${folder}/pid;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000; client_max_body_size 64m; client_body_buffer_size 16m;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  upstream predictor { server ${predictor}; keepalive 256; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location = /v2/models/m/ready { return 200; }
    location / { proxy_pass http://predictor; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;
}
