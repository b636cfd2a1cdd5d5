#!/usr/bin/env bash
# start-kserve.sh HTTP_PORT GRPC_PORT: the model server of KServe's Python SDK, on loopback.
. "$(dirname "$0")/venv.sh"
venv kserve
exec "$VENV/bin/python" "$SERVERS/kserve/server.py" --http_port "$1" --grpc_port "$2"
