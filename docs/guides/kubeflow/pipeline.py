"""A Kubeflow pipeline that deploys a transformer and its predictor and waits until they are ready.

    pip install kfp==2.17.0
    python pipeline.py           writes pipeline.yaml, to be uploaded or started with kfp.Client()
"""

from kfp import compiler, dsl


@dsl.component(base_image="python:3.12-slim", packages_to_install=["kubernetes==30.1.0"])
def deploy_inference_service(manifest: str, namespace: str, timeout_seconds: int = 900) -> str:
    """Applies the InferenceServices of a manifest, waits until each is ready, and returns the last one's address.

    A second run with another manifest changes the services and waits for the new pods.
    """
    import time

    import yaml
    from kubernetes import client, config

    config.load_incluster_config()
    api = client.CustomObjectsApi()
    kind = {"group": "serving.kserve.io", "version": "v1beta1", "namespace": namespace, "plural": "inferenceservices"}
    services = [each for each in yaml.safe_load_all(manifest) if each and each.get("kind") == "InferenceService"]
    if not services:
        raise ValueError("the manifest has no InferenceService")

    def apply(service: dict) -> dict:
        name = service["metadata"]["name"]
        try:
            current = api.get_namespaced_custom_object(**kind, name=name)
        except client.ApiException as error:
            if error.status != 404:
                raise
            return api.create_namespaced_custom_object(**kind, body=service, field_validation="Strict")
        # A replacement, and not a patch: what the new manifest leaves out must go.
        service["metadata"]["resourceVersion"] = current["metadata"]["resourceVersion"]
        return api.replace_namespaced_custom_object(**kind, name=name, body=service, field_validation="Strict")

    def wait(name: str, generation: int, deadline: float) -> str:
        said = "nothing yet"
        while time.monotonic() < deadline:
            status = api.get_namespaced_custom_object(**kind, name=name).get("status", {})
            conditions = {each["type"]: each for each in status.get("conditions", [])}
            # The controller writes which version of the object its conditions are about.
            is_current = status.get("observedGeneration", generation) >= generation
            if is_current and conditions.get("Ready", {}).get("status") == "True":
                return status.get("address", {}).get("url") or status.get("url", "")
            said = "; ".join(
                f"{each['type']}: {each.get('message') or each.get('reason') or each['status']}"
                for each in conditions.values()
                if each["status"] != "True" and each.get("severity", "") != "Info"
            ) or said
            time.sleep(2)
        raise TimeoutError(f"{name} is not ready after {timeout_seconds} s: {said}")

    deadline = time.monotonic() + timeout_seconds
    address = ""
    for service in services:
        applied = apply(service)
        address = wait(applied["metadata"]["name"], applied["metadata"]["generation"], deadline)
        print(f"{applied['metadata']['name']} is ready at {address}")
    return address


@dsl.component(base_image="python:3.12-slim")
def predict(address: str, model_name: str, request: str) -> str:
    """Sends one request to the transformer, from inside the cluster, and returns the answer."""
    import urllib.request

    url = f"{address}/v1/models/{model_name}:predict"
    message = urllib.request.Request(url, request.encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(message, timeout=60) as answer:
        return answer.read().decode()


@dsl.pipeline(name="deploy-transformer")
def deploy_transformer(manifest: str, namespace: str, model_name: str, request: str) -> str:
    deployed = deploy_inference_service(manifest=manifest, namespace=namespace)
    return predict(address=deployed.output, model_name=model_name, request=request).output


if __name__ == "__main__":
    compiler.Compiler().compile(deploy_transformer, "pipeline.yaml")
