/**
 * Marks classes so that their instances are recognised across copies of the package: a global command loads a module that
 * imports a local package, and `instanceof` would say no.
 */
export function brandClass(target: { readonly prototype: object }, name: string): void {
  Object.defineProperty(target, Symbol.for(`kserve-transformer.${name}`), { value: true });
  Object.defineProperty(target.prototype, Symbol.for(`kserve-transformer.${name}`), { value: true });
}

/** True for a branded class (a function) and for its instances (objects). */
export function hasBrand(value: unknown, name: string): boolean {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return (value as Record<symbol, unknown>)[Symbol.for(`kserve-transformer.${name}`)] === true;
}
