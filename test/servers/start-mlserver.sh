#!/usr/bin/env bash
# start-mlserver.sh HTTP_PORT GRPC_PORT METRICS_PORT: MLServer with its stock sklearn and XGBoost runtimes, on loopback.
. "$(dirname "$0")/venv.sh"
venv mlserver
run_folder mlserver
cp -r "$SERVERS/mlserver/." "$RUN/"
"$VENV/bin/python" "$SERVERS/churn_model.py" "$REPOSITORY/examples/churn/model.json" "$RUN/churn/model.joblib"
cp "$REPOSITORY/examples/xgboost/model.ubj" "$RUN/churn-xgboost/"
cat > "$RUN/settings.json" <<JSON
{"host": "127.0.0.1", "http_port": $1, "grpc_port": $2, "metrics_port": $3, "parallel_workers": 0, "debug": false}
JSON
cd "$RUN"
export MLSERVER_DEBUG=false # the variable is read before the file, and debug is its default
exec env PYTHONPATH="$RUN" "$VENV/bin/mlserver" start .
