"""Starts the compiled pipeline with a manifest: python start_run.py (needs a Kubeflow installation)."""

import kfp

kfp.Client().create_run_from_pipeline_package(
    "pipeline.yaml",
    arguments={
        "manifest": open("clothes.yaml").read(),
        "namespace": "models",
        "model_name": "clothes",
        "request": '{"instances": [{"url": "https://example.com/pants.jpg"}]}',
    },
)
