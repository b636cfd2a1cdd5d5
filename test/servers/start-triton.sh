#!/usr/bin/env bash
# start-triton.sh HTTP_PORT GRPC_PORT METRICS_PORT: the tritonserver inside PyPI's nvidia-pytriton, CPU only, on loopback.
. "$(dirname "$0")/venv.sh"
venv triton
run_folder triton
read -r PACKAGES LIBRARIES VERSION < <("$VENV/bin/python" -c '
import sys, sysconfig
print(sysconfig.get_path("purelib"), sysconfig.get_config_var("LIBDIR"), "%d.%d" % sys.version_info[:2])')
TRITON="$PACKAGES/pytriton/tritonserver"
"$VENV/bin/python" "$SERVERS/triton/models.py" "$RUN/models"
# The wheel ships one stub of the Python backend for each Python version; the server wants it beside the backend.
cp -r "$TRITON/backends" "$RUN/backends"
install -m 755 "$TRITON/python_backend_stubs/$VERSION/triton_python_backend_stub" "$RUN/backends/python/"
export LD_LIBRARY_PATH="$PACKAGES/nvidia_pytriton.libs:$LIBRARIES${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export PYTHONPATH="$PACKAGES" PATH="$VENV/bin:$PATH"
exec "$TRITON/bin/tritonserver" --model-repository="$RUN/models" --backend-directory="$RUN/backends" \
  --http-address=127.0.0.1 --http-port="$1" --grpc-address=127.0.0.1 --grpc-port="$2" \
  --metrics-address=127.0.0.1 --metrics-port="$3" --strict-readiness=true
