import { Buffer } from "node:buffer";
import { create, type DescFile, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { Server, ServerDuplexStream } from "@grpc/grpc-js";
import { readControlMessage } from "../../protocol/grpc/control-message.ts";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../../protocol/grpc/gen/reflection_pb.ts";

type ReflectionMessage = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

const NOT_FOUND = 5;
const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;

/**
 * Adds server reflection over these files, under its names v1 and v1alpha, whose messages are the same.
 * @see https://grpc.io/docs/guides/reflection/
 */
export function addReflectionService(grpc: Server, files: readonly DescFile[]): void {
  const handler = (call: ServerDuplexStream<Buffer, Buffer>): void => {
    call.on("data", (bytes: Buffer) => call.write(respondTo(bytes, files)));
    call.on("end", () => call.end());
  };
  const identity = (bytes: Buffer): Buffer => bytes;
  for (const version of ["v1", "v1alpha"]) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    grpc.register(path, handler, identity, identity, "bidi");
  }
}

function respondTo(bytes: Buffer, files: readonly DescFile[]): Buffer {
  let request: ServerReflectionRequest | undefined;
  let messageResponse: ReflectionMessage;
  try {
    request = readControlMessage(ServerReflectionRequestSchema, bytes);
    messageResponse = messageFor(request.messageRequest, files);
  } catch {
    messageResponse = refusal(INVALID_ARGUMENT, "expected a ServerReflectionRequest");
  }
  const response = create(ServerReflectionResponseSchema, {
    validHost: request?.host ?? "",
    ...(request === undefined ? {} : { originalRequest: request }),
    messageResponse,
  });
  return Buffer.from(toBinary(ServerReflectionResponseSchema, response));
}

function messageFor(request: ServerReflectionRequest["messageRequest"], files: readonly DescFile[]): ReflectionMessage {
  switch (request.case) {
    case "listServices": {
      const service = files.flatMap((file) => file.proto.service.map(({ name }) => ({ name: fullName(file, name) })));
      return { case: "listServicesResponse", value: { service } };
    }
    case "fileByFilename":
      return fileMessage(
        files.find((file) => file.proto.name === request.value),
        request.value,
      );
    case "fileContainingSymbol":
      return fileMessage(
        files.find((file) => symbolsOf(file).has(request.value)),
        request.value,
      );
    case "fileContainingExtension":
    case "allExtensionNumbersOfType":
      return refusal(NOT_FOUND, "there are no extensions");
    default:
      return refusal(UNIMPLEMENTED, "expected a message_request");
  }
}

function fileMessage(file: DescFile | undefined, wanted: string): ReflectionMessage {
  if (file === undefined) return refusal(NOT_FOUND, `'${wanted.slice(0, 200)}' is not served here`);
  const fileDescriptorProto = [toBinary(FileDescriptorProtoSchema, file.proto)];
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function refusal(errorCode: number, errorMessage: string): ReflectionMessage {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

function fullName(file: DescFile, name: string): string {
  return `${file.proto.package}.${name}`;
}

/** Full names of everything that a file defines. */
function symbolsOf(file: DescFile): ReadonlySet<string> {
  const symbols = new Set<string>();
  const addMessage = (message: DescMessage): void => {
    symbols.add(message.typeName);
    for (const field of message.fields) symbols.add(`${message.typeName}.${field.name}`);
    for (const nested of message.nestedMessages) addMessage(nested);
    for (const nested of message.nestedEnums) symbols.add(nested.typeName);
  };
  for (const message of file.messages) addMessage(message);
  for (const service of file.services) {
    symbols.add(service.typeName);
    for (const method of service.methods) symbols.add(`${service.typeName}.${method.name}`);
  }
  for (const enumeration of file.enums) symbols.add(enumeration.typeName);
  return symbols;
}
