import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { createRequire } from "node:module";
import { isIP, type LookupFunction } from "node:net";
import type { buildConnector } from "undici";
import type { AddressGuard } from "./address-guard.ts";

/** All addresses of a host name. */
export type ResolveHost = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The operating system's resolver, as every other program of the machine sees names. */
export const resolveHost: ResolveHost = (hostname) => lookup(hostname, { all: true });

/** The host has no address that may be connected to; unknown names and internal ones look alike to a client. */
export class RefusedHostError extends Error {
  override readonly name = "RefusedHostError";
}

/**
 * A connector that checks the very addresses that it connects to: between a check and a connect by name an attacker's DNS
 * server could give another answer (DNS rebinding).
 */
export function createGuardedConnector(guard: AddressGuard, resolve: ResolveHost): buildConnector.connector {
  const guardedLookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const allowed = addresses.filter(({ address }) => guard.allows(hostname, address));
        const [first] = allowed;
        if (first === undefined) callback(new RefusedHostError(hostname), "");
        else if (options.all) callback(null, allowed);
        else callback(null, first.address, first.family);
      },
      () => callback(new RefusedHostError(hostname), ""),
    );
  };
  const { buildConnector: build } = createRequire(import.meta.url)("undici") as typeof import("undici");
  const connect = build({ lookup: guardedLookup });
  return (options, callback) => {
    // node:net looks up names only, so that a literal address would pass the lookup unseen.
    if (isRefusedLiteral(guard, options.hostname)) callback(new RefusedHostError(options.hostname), null);
    else connect(options, callback);
  };
}

/** True for an address in place of a host name (IPv6 with or without brackets) that the guard does not allow. */
export function isRefusedLiteral(guard: AddressGuard, hostname: string): boolean {
  const literal = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(literal) !== 0 && !guard.allows(literal, literal);
}
