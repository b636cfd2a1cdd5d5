# Sourced by the start scripts: `venv NAME` makes the virtual environment of requirements/NAME.txt once and sets VENV.
# Everything that is made lives below KSERVE_TRANSFORMER_WORKDIR; a changed requirements file makes its environment anew.
set -euo pipefail
SERVERS="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
REPOSITORY="$(cd "$SERVERS/../.." && pwd)"
WORK="${KSERVE_TRANSFORMER_WORKDIR:-${XDG_CACHE_HOME:-$HOME/.cache}/kserve-transformer-servers}"
mkdir -p "$WORK"
export PYTHONDONTWRITEBYTECODE=1 # nothing is left in the repository

venv() {
  VENV="$WORK/venv-$1"
  (
    flock 9 # two test runs at once must not build the same environment
    if ! cmp -s "$SERVERS/requirements/$1.txt" "$VENV/requirements.txt"; then
      rm -rf "$VENV"
      python3 -m venv "$VENV"
      # The files name every package, so dependencies are not looked for: xgboost-cpu then stands in for the large xgboost.
      "$VENV/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$SERVERS/requirements/$1.txt"
      cp "$SERVERS/requirements/$1.txt" "$VENV/requirements.txt"
    fi
  ) 9> "$VENV.lock"
}

# `run_folder NAME` makes an empty folder for this process and sets RUN; those of processes that are gone are removed.
run_folder() {
  for old in "$WORK"/run/*-*; do
    [ ! -d "$old" ] || kill -0 "${old##*-}" 2> /dev/null || rm -rf "$old"
  done
  RUN="$WORK/run/$1-$$"
  rm -rf "$RUN"
  mkdir -p "$RUN"
}
