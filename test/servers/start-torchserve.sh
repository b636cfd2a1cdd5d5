#!/usr/bin/env bash
# start-torchserve.sh HTTP_PORT GRPC_PORT METRICS_PORT: TorchServe with KServe's V1 envelope, on loopback. Needs Java 17.
. "$(dirname "$0")/venv.sh"
venv torchserve
run_folder torchserve
mkdir -p "$RUN/store" "$RUN/logs"
touch "$RUN/nothing.pt" # an archive wants a serialized file; the handler reads model.json
export PATH="$VENV/bin:$PATH" PYTHONPATH="$SERVERS/torchserve" LOG_LOCATION="$RUN/logs" METRICS_LOCATION="$RUN/logs"
torch-model-archiver --model-name churn --version 1.0 --serialized-file "$RUN/nothing.pt" --handler "$SERVERS/torchserve/churn_handler.py" \
  --extra-files "$REPOSITORY/examples/churn/model.json" --export-path "$RUN/store"
MANAGEMENT_PORT="$("$VENV/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
MANAGEMENT_GRPC_PORT="$("$VENV/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
cat > "$RUN/config.properties" <<CONFIG
inference_address=http://127.0.0.1:$1
management_address=http://127.0.0.1:$MANAGEMENT_PORT
metrics_address=http://127.0.0.1:$3
grpc_inference_address=127.0.0.1
grpc_management_address=127.0.0.1
grpc_inference_port=$2
grpc_management_port=$MANAGEMENT_GRPC_PORT
service_envelope=kserve
default_workers_per_model=1
number_of_netty_threads=2
disable_token_authorization=true
CONFIG
cd "$RUN"
# What the command `torchserve --foreground` starts; it would be its child, and outlive it.
PACKAGES="$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
exec java -Dmodel_server_home="$PACKAGES" -cp ".:$PACKAGES/ts/frontend/*" org.pytorch.serve.ModelServer --python "$VENV/bin/python" \
  -f "$RUN/config.properties" -s "$RUN/store" -ncs --disable-token-auth -m churn=churn.mar
