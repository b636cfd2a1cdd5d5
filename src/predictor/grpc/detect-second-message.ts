import { InterceptingCall, type Interceptor, type Metadata, type StatusObject } from "@grpc/grpc-js";

/**
 * Reads on behind the message of a unary call. grpc-js asks for one, keeps a second to itself, and then holds the status back for ever: it
 * waits for the second to be read. Once it is, the call ends with "Too many responses received".
 */
export const detectSecondMessage: Interceptor = (options, nextCall) => {
  const call = nextCall(options);
  return new InterceptingCall(call, {
    start: (metadata, listener, next) => {
      next(metadata, {
        onReceiveMetadata: (received: Metadata) => listener.onReceiveMetadata(received),
        onReceiveMessage: (message: unknown) => {
          listener.onReceiveMessage(message);
          // A call that ends without a message is told of as null.
          if (message !== null) call.startRead();
        },
        onReceiveStatus: (status: StatusObject) => listener.onReceiveStatus(status),
      });
    },
  });
};
