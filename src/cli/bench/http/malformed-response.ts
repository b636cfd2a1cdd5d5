/** Bytes that are no HTTP/1.1 response. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
  /** As Node's own parser names it, so that both are one kind of failure. */
  readonly code = "HPE_INVALID_RESPONSE";
}
