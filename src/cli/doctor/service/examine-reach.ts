import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, rootCertificates, type TLSSocket } from "node:tls";
import { error, type Finding, ok, warning } from "../finding.ts";

export interface ReachOptions {
  readonly url: URL;
  readonly ca: readonly string[] | undefined;
  readonly timeoutMs: number;
}

const DAY_MS = 86_400_000;
/** A certificate that ends earlier than this should have been renewed. */
const RENEWAL_DAYS = 14;

/** The way to the service: its name, its port, its certificate. The first error ends it. */
export async function examineReach(options: ReachOptions): Promise<Finding[]> {
  const host = hostOf(options.url);
  const found: Finding[] = [];
  for (const examine of [examineDns, examineTcp, examineTls]) {
    const finding = await examine(host, options);
    if (finding !== undefined) found.push(finding);
    if (finding?.state === "error") break;
  }
  return found;
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

async function examineDns(host: string): Promise<Finding | undefined> {
  if (isIP(host) !== 0) return undefined;
  try {
    const addresses = await lookup(host, { all: true });
    return ok("service/dns", `${host} is ${addresses.map(({ address }) => address).join(", ")}`);
  } catch (thrown) {
    const isInternal = /\.(svc|local|cluster\.local)$/.test(host) || !host.includes(".");
    return error(
      "service/dns",
      `${host} has no address (${(thrown as NodeJS.ErrnoException).code})`,
      isInternal
        ? "Names inside a cluster are known inside it only: run doctor in a pod, or kubectl port-forward the service and give http://localhost:PORT."
        : "Look at the spelling, and at status.url of the InferenceService; its domain must be one that your DNS serves.",
    );
  }
}

async function examineTcp(host: string, { url, timeoutMs }: ReachOptions): Promise<Finding> {
  const port = portOf(url);
  const code = await new Promise<string | undefined>((resolve) => {
    const socket: Socket = connect({ host, port, timeout: timeoutMs });
    const end = (result: string | undefined): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => end(undefined));
    socket.once("timeout", () => end("ETIMEDOUT"));
    socket.once("error", (thrown: NodeJS.ErrnoException) => end(thrown.code ?? thrown.message));
  });
  if (code === undefined) return ok("service/tcp", `port ${port} accepts connections`);
  const fix =
    code === "ECONNREFUSED"
      ? "Nothing listens there: look whether the server runs, and whether --http_port and the port of the Service are the same."
      : "Something on the way drops the packets: look at the NetworkPolicy, the firewall, and the port.";
  return error("service/tcp", `port ${port} cannot be reached (${code})`, fix);
}

async function examineTls(host: string, { url, ca, timeoutMs }: ReachOptions): Promise<Finding | undefined> {
  if (url.protocol !== "https:") return undefined;
  const trusted = ca === undefined ? {} : { ca: [...ca, ...rootCertificates] };
  const name = isIP(host) === 0 ? { servername: host } : {};
  const options = { host, port: portOf(url), timeout: timeoutMs, rejectUnauthorized: false, ...trusted, ...name };
  return new Promise((resolve) => {
    const socket: TLSSocket = connectTls(options, () => {
      const finding = judgeCertificate(socket, host);
      socket.destroy();
      resolve(finding);
    });
    const fail = (code: string): void => {
      socket.destroy();
      const isPlain = /WRONG_VERSION_NUMBER|PACKET_LENGTH|ECONNRESET|HTTP_REQUEST/.test(code);
      resolve(
        error(
          "service/tls",
          isPlain ? "the port does not speak TLS" : `no TLS connection (${code})`,
          isPlain
            ? `Ask by http://, or serve with --ssl_certfile and --ssl_keyfile.`
            : "Look at the versions and ciphers that the gateway allows, and whether it wants a client's certificate.",
        ),
      );
    };
    socket.once("error", (thrown: NodeJS.ErrnoException) => fail(thrown.code ?? thrown.message));
    socket.once("timeout", () => fail("ETIMEDOUT"));
  });
}

/** TLS says by a code what is wrong with a certificate; the sentence is ours. */
function judgeCertificate(socket: TLSSocket, host: string): Finding {
  const certificate = socket.getPeerCertificate();
  const until = new Date(certificate.valid_to);
  const days = Math.floor((until.getTime() - Date.now()) / DAY_MS);
  const code = socket.authorized ? undefined : String(socket.authorizationError);
  const check = "service/tls";
  if (code === "CERT_HAS_EXPIRED") {
    const message = `the certificate ended on ${until.toISOString().slice(0, 10)}`;
    return error(
      check,
      message,
      "Renew it; a server that is told by SIGHUP, or sees its file change, takes the new one without a restart.",
    );
  }
  if (code === "CERT_NOT_YET_VALID") {
    return error(
      check,
      `the certificate begins on ${certificate.valid_from}`,
      "Look at the clock of this machine and of the one that made it.",
    );
  }
  if (code?.includes("ALTNAME") === true) {
    const names = certificate.subjectaltname ?? "none";
    return error(
      check,
      `the certificate is for ${names}, not for ${host}`,
      "Ask by a name that it has, or renew it with this name as a subjectAltName.",
    );
  }
  if (code !== undefined) {
    return error(
      check,
      `the certificate is not trusted (${code})`,
      "Give the authority that signed it with --ca_file, or in NODE_EXTRA_CA_CERTS.",
    );
  }
  if (days < RENEWAL_DAYS) {
    return warning(
      check,
      `the certificate ends in ${days} days`,
      "Renew it, and look why nothing has: cert-manager renews a third of the time ahead.",
    );
  }
  return ok(check, `trusted, valid for ${days} days, ${socket.getProtocol()}`);
}
