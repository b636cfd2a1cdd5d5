import type { TfTensor } from "./tf-module.ts";

/** Takes tensors that are to be disposed when the work is done. */
export type Keep = <T extends TfTensor>(tensor: T) => T;

/**
 * Runs asynchronous work and disposes every tensor that was given to `keep`, whether the work succeeded or not. `tf.tidy`
 * ends at the first `await`, and its scopes are one stack for the whole process, so that requests which wait would dispose
 * each other's tensors; here each piece of work owns its own.
 */
export async function withTensors<T>(work: (keep: Keep) => Promise<T>): Promise<T> {
  const kept = new Set<TfTensor>();
  try {
    return await work((tensor) => {
      kept.add(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of kept) tensor.dispose();
  }
}
