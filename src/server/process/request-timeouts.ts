/** How long clients may take; 0 is no bound. */
export interface RequestTimeouts {
  readonly headersTimeoutMs: number;
  readonly receiveTimeoutMs: number;
}

/** They as node:http takes them, for every port that it serves. */
export function requestTimeouts({ headersTimeoutMs, receiveTimeoutMs }: RequestTimeouts): {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly connectionsCheckingInterval: number;
} {
  // node:http refuses a head that may take longer than the whole request.
  const isLonger = receiveTimeoutMs > 0 && headersTimeoutMs > receiveTimeoutMs;
  return {
    headersTimeout: isLonger ? receiveTimeoutMs : headersTimeoutMs,
    requestTimeout: receiveTimeoutMs,
    // node looks for connections whose time is over only so often; its own 30 s would double a timeout.
    connectionsCheckingInterval: 500,
  };
}
