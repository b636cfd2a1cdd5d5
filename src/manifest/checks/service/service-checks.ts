import { checkFieldTypes, checkUnknownFields } from "../field-checks.ts";
import type { Remark } from "../finding.ts";
import { POD_CHECKS } from "../pod/pod-checks.ts";
import { checkLimits, checkQuantities } from "../pod/resource-checks.ts";
import { checkAnnotationNames, checkAutoscalerAnnotations, checkAutoscalerClass } from "./annotation-checks.ts";
import {
  checkArgumentPrefixes,
  checkCommand,
  checkJoinedArguments,
  checkPredictorProtocol,
} from "./argument-checks.ts";
import { checkCanaries, checkCanaryPercent } from "./canary-checks.ts";
import {
  checkCollocatedArguments,
  checkCollocatedPortClash,
  checkCollocatedPorts,
  checkCollocatedStorage,
  checkExecProbe,
  checkTransformerChain,
} from "./collocation-checks.ts";
import {
  checkBlockedEnvironment,
  checkContainerNames,
  checkDuplicateEnvironment,
  checkImages,
  checkTransformerContainers,
} from "./container-checks.ts";
import {
  checkDeploymentMode,
  checkKnativeEnvironment,
  checkKnativeFields,
  checkKnativePorts,
  checkTimeout,
} from "./mode-checks.ts";
import { checkApiVersion, checkName, checkNameLength } from "./name-checks.ts";
import { checkFirstPort, checkHttpPort, checkPortNames, checkSeveralPorts } from "./port-checks.ts";
import {
  checkGrpcPredictor,
  checkModelName,
  checkOnePredictor,
  checkPredictorPresent,
  checkProtocolVersion,
  checkRuntime,
  checkStorageUri,
} from "./predictor-checks.ts";
import { checkConcurrency, checkReplicas, checkScaleMetric, checkScaleTarget, checkWorkers } from "./scaling-checks.ts";
import type { Service } from "./service.ts";
import { checkBatcherWithLogger, checkLogger, checkProbePorts } from "./sidecar-checks.ts";

export type Check = (service: Service) => Iterable<Remark>;

/** Every check by the name that its findings carry. */
export const CHECKS: Readonly<Record<string, Check>> = {
  "api-version": checkApiVersion,
  name: checkName,
  "name-length": checkNameLength,
  "unknown-field": checkUnknownFields,
  "field-type": checkFieldTypes,
  "predictor-missing": checkPredictorPresent,
  "predictor-several": checkOnePredictor,
  "model-name": checkModelName,
  "protocol-version": checkProtocolVersion,
  runtime: checkRuntime,
  "storage-uri": checkStorageUri,
  "grpc-predictor": checkGrpcPredictor,
  "transformer-empty": checkTransformerContainers,
  image: checkImages,
  "container-name": checkContainerNames,
  "environment-duplicate": checkDuplicateEnvironment,
  "environment-blocked": checkBlockedEnvironment,
  quantity: checkQuantities,
  limit: checkLimits,
  "port-name": checkPortNames,
  "several-ports": checkSeveralPorts,
  "first-port": checkFirstPort,
  "http-port": checkHttpPort,
  "collocated-ports": checkCollocatedPorts,
  "collocated-port-clash": checkCollocatedPortClash,
  "collocated-storage": checkCollocatedStorage,
  "collocated-arguments": checkCollocatedArguments,
  "transformer-chain": checkTransformerChain,
  "argument-prefix": checkArgumentPrefixes,
  "argument-joined": checkJoinedArguments,
  "predictor-protocol": checkPredictorProtocol,
  command: checkCommand,
  replicas: checkReplicas,
  "scale-metric": checkScaleMetric,
  "scale-target": checkScaleTarget,
  concurrency: checkConcurrency,
  workers: checkWorkers,
  "autoscaler-class": checkAutoscalerClass,
  "autoscaler-annotation": checkAutoscalerAnnotations,
  annotation: checkAnnotationNames,
  "deployment-mode": checkDeploymentMode,
  timeout: checkTimeout,
  "knative-port": checkKnativePorts,
  "knative-field": checkKnativeFields,
  "knative-environment": checkKnativeEnvironment,
  logger: checkLogger,
  "batcher-with-logger": checkBatcherWithLogger,
  "exec-probe": checkExecProbe,
  "probe-port": checkProbePorts,
  canary: checkCanaries,
  "canary-percent": checkCanaryPercent,
  ...POD_CHECKS,
};
