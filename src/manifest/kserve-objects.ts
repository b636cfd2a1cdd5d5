/** The part of Kubernetes' and KServe's objects that this package writes. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
}

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface InferenceService extends KubernetesObject {
  readonly apiVersion: "serving.kserve.io/v1beta1";
  readonly kind: "InferenceService";
  readonly spec: {
    readonly predictor: PredictorComponent;
    readonly transformer?: Component;
    readonly canary?: readonly CanaryComponent[];
  };
}

/** What transformer and predictor have in common: a pod, how it scales, what stands before it. */
export interface Component extends ComponentExtensions {
  readonly serviceAccountName?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly containers?: readonly Container[];
}

export interface ComponentExtensions {
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly scaleMetric?: string;
  readonly scaleTarget?: number;
  readonly containerConcurrency?: number;
  readonly timeout?: number;
  readonly canaryTrafficPercent?: number;
  readonly batcher?: { readonly maxBatchSize?: number; readonly maxLatency?: number };
  readonly logger?: { readonly mode: string; readonly url: string };
}

export interface PredictorComponent extends Component {
  readonly name?: string;
  readonly model: PredictorModel;
  readonly workerSpec?: { readonly pipelineParallelSize: number; readonly tensorParallelSize: number };
}

export interface CanaryComponent {
  readonly trafficPercent: number;
  readonly predictor: PredictorComponent;
}

export interface PredictorModel {
  readonly name?: "";
  readonly modelFormat: { readonly name: string; readonly version?: string };
  readonly runtime?: string;
  readonly protocolVersion?: string;
  readonly storageUri: string;
  readonly env?: readonly EnvironmentVariable[];
  readonly ports?: readonly ContainerPort[];
  readonly resources: ResourceRequirements;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly ports: readonly ContainerPort[];
  readonly resources: ResourceRequirements;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

export interface ContainerPort {
  readonly containerPort: number;
  readonly name?: string;
  readonly protocol: "TCP";
}

export interface ResourceRequirements {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: number };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface Secret extends KubernetesObject {
  readonly kind: "Secret";
  readonly type: "Opaque";
  readonly stringData: Readonly<Record<string, string>>;
}

export interface ServiceAccount extends KubernetesObject {
  readonly kind: "ServiceAccount";
  readonly secrets?: readonly { readonly name: string }[];
}

type WithoutUndefined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The same object without the members that are undefined, so that optional fields are absent and not empty. */
export function defined<T extends object>(object: T): WithoutUndefined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>;
}
