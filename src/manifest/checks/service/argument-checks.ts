import { INJECTED_FLAGS } from "../../../contract/flags.ts";
import { error, type Remark, warning } from "../finding.ts";
import { findEnvironment, findFlag } from "./arguments.ts";
import { predictorProtocol } from "./predictor-checks.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const ARGUMENT_CHECKS: ServiceCheckTable = {
  "argument-twice": checkRepeatedArguments,
  "argument-prefix": checkArgumentPrefixes,
  "argument-joined": checkJoinedArguments,
  "predictor-protocol": checkPredictorProtocol,
  command: checkCommand,
};

/** A flag that stands twice has its last value, whatever the first says. */
function* checkRepeatedArguments({ transformers }: Service): Iterable<Remark> {
  for (const { field } of transformers) {
    const lines = new Map<string, number>();
    for (const argument of field.at("args").items()) {
      const [flag = ""] = (argument.text ?? "").split("=", 1);
      if (!/^--[a-z]/.test(flag)) continue;
      const name = flag.replaceAll("-", "_");
      const line = lines.get(name);
      if (line === undefined) lines.set(name, argument.line);
      else
        yield warning(
          argument,
          `${flag} stands here a second time, first in line ${line}: the last one counts.`,
          "Keep one of them.",
        );
    }
  }
}

/** The controller looks for its own flags by their beginning. */
function* checkArgumentPrefixes({ transformers }: Service): Iterable<Remark> {
  for (const { field, isCollocated } of transformers) {
    if (isCollocated) continue;
    for (const argument of field.at("args").items()) {
      const flag = (argument.text ?? "").split("=", 1)[0] ?? "";
      const injected = INJECTED_FLAGS.find((name) => flag.startsWith(`--${name}`) && flag !== `--${name}`);
      if (injected === undefined || /\s/.test(flag)) continue;
      const isMissing = findFlag(field, injected) === undefined;
      if (!isMissing) continue;
      yield error(
        argument,
        `${flag} begins with --${injected}, so the controller takes it for that and does not add --${injected}.`,
        injected === "workers"
          ? `Write --workers beside it, or another flag.`
          : `Write --${injected} yourself, before it.`,
      );
    }
  }
}

function* checkJoinedArguments({ transformers }: Service): Iterable<Remark> {
  for (const { field } of transformers) {
    for (const argument of field.at("args").items()) {
      const match = /^(--[\w-]+)\s+(\S.*)$/.exec(argument.text ?? "");
      if (match === null) continue;
      yield error(
        argument,
        `"${argument.text}" is one argument with a space inside, and no flag of that name exists.`,
        `Write two entries, ${match[1]} and "${match[2]}", or ${match[1]}=${match[2]}.`,
      );
    }
  }
}

/** Protocols that name one another: `PREDICTOR_PROTOCOL` may hold the scheme, and `auto` finds out. */
const OPEN_PROTOCOLS: readonly string[] = ["http", "https", "auto"];

function* checkPredictorProtocol({ transformers, model }: Service): Iterable<Remark> {
  const protocol = model === undefined ? undefined : predictorProtocol(model);
  if (model === undefined || protocol === undefined) return;
  const written = model.at("protocolVersion");
  const speaks = `The predictor speaks ${protocol} (line ${written.line}${written.exists ? "" : ", by default"})`;
  for (const { field } of transformers) {
    const said = findFlag(field, "predictor_protocol", "protocol") ?? findEnvironment(field, "PREDICTOR_PROTOCOL");
    const isOpen = said !== undefined && (said.value === undefined || OPEN_PROTOCOLS.includes(said.value));
    if (isOpen || (said?.value ?? "v1") === protocol) continue;
    yield error(
      said?.field ?? field.at("args"),
      said === undefined
        ? `${speaks}, and the controller does not tell the transformer, which takes it for v1.`
        : `${speaks}, and the transformer is told ${said.value}.`,
      `Write args: [--predictor_protocol, ${protocol}].`,
    );
  }
}

/** The controller appends its arguments behind the manifest's, and Kubernetes puts all of them in place of an image's CMD. */
function* checkCommand({ transformers }: Service): Iterable<Remark> {
  for (const { field, isCollocated } of transformers) {
    const args = field.at("args").items();
    const command = field.at("command").items();
    const [program, ...rest] = [...command, ...args].map((entry) => String(entry.scalar));
    const first = args[0];
    if (
      command.length === 0 &&
      first?.text !== undefined &&
      /^(\/|node\b|python|npm\b|npx\b|sh\b|bash\b|\.\/)/.test(first.text)
    ) {
      yield warning(
        first,
        `args replace the image's CMD and follow its ENTRYPOINT: ${first.text} runs only in an image without ENTRYPOINT.`,
        `Move ${first.text} into command:, and leave only flags in args.`,
      );
      continue;
    }
    const script = rest.findIndex((word) => word === "-e" || word === "--eval" || word === "-c");
    if (program === undefined || script < 0 || isCollocated) continue;
    const isShell = /(^|\/)(ba|da|z)?sh$/.test(program);
    yield isShell
      ? warning(
          command[0] ?? field,
          `The controller appends --model_name and the rest behind the script of ${program} -c, where the program inside does not see them.`,
          'End the script with "$0" "$@" behind the program, or name the program itself in command.',
        )
      : error(
          command[0] ?? field,
          `The controller appends --model_name behind the script of ${program} ${rest[script]}: ${program} takes it for an option of its own and stops.`,
          "Put the script into a file of the image.",
        );
  }
}
