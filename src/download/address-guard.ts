import { createRequire } from "node:module";
import type ipaddr from "ipaddr.js";
import { InferenceError } from "../errors.ts";

/** Decides which addresses a download may connect to. */
export interface AddressGuard {
  /** True when `address`, to which `hostname` resolved (or which it is), may be connected to. */
  allows(hostname: string, address: string): boolean;
}

/** Azure's platform service answers on an address that looks public (https://aka.ms/168.63.129.16). */
const PLATFORM_ADDRESSES: ReadonlySet<string> = new Set(["168.63.129.16"]);
/** What IANA hands out of IPv6 for the public internet; all else is special (RFC 4291, section 2.4). */
const GLOBAL_UNICAST = "2000::/3";

let loaded: typeof ipaddr | undefined;

/** By require at the first address: who never downloads does not pay for it at the start. */
function addresses(): typeof ipaddr {
  loaded ??= createRequire(import.meta.url)("ipaddr.js") as typeof ipaddr;
  return loaded;
}

/** True for an address of the public internet: not private, local, mapped, translated, tunnelled, multicast or reserved. */
export function isPublicAddress(address: string): boolean {
  const ip = addresses();
  if (!ip.isValid(address)) return false;
  const parsed = ip.parse(address);
  if (parsed.range() !== "unicast" || PLATFORM_ADDRESSES.has(parsed.toString())) return false;
  return parsed instanceof ip.IPv4 || parsed.match(ip.IPv6.parseCIDR(GLOBAL_UNICAST));
}

/**
 * A guard that allows public addresses and what `allow` lists: a CIDR (`10.1.0.0/16`), an address, or a host name, which
 * allows whatever it resolves to.
 * @throws InferenceError internal for an entry that is none of these.
 */
export function createAddressGuard(allow: readonly string[]): AddressGuard {
  const hosts = new Set<string>();
  const networks: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  for (const entry of allow) {
    const network = parseNetwork(entry);
    if (network !== undefined) networks.push(network);
    else hosts.add(parseHost(entry));
  }
  return {
    allows(hostname, address) {
      if (isPublicAddress(address) || hosts.has(normalizeHost(hostname))) return true;
      const ip = addresses();
      if (!ip.isValid(address)) return false;
      const parsed = ip.process(address);
      return networks.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
    },
  };
}

function parseNetwork(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  const text = entry.replace(/^\[(.*)\]$/, "$1");
  const ip = addresses();
  if (ip.IPv4.isValidFourPartDecimal(text)) return [ip.IPv4.parse(text), 32];
  if (ip.IPv6.isValid(text)) return [ip.IPv6.parse(text), 128];
  return ip.isValidCIDR(text) ? ip.parseCIDR(text) : undefined;
}

function parseHost(entry: string): string {
  const host = normalizeHost(entry);
  if (!/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(host) || /(^|\.)(\d+|0x[0-9a-f]*)$/.test(host)) {
    throw new InferenceError(
      `allowed address '${entry}': expected a host name, an IP address or a CIDR such as 10.1.0.0/16`,
    );
  }
  return host;
}

function normalizeHost(hostname: string): string {
  return hostname.toLowerCase().replace(/\.$/, "");
}
