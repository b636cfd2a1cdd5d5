#!/usr/bin/env bash
# make-venv.sh NAME: makes the virtual environment if need be and prints its folder.
. "$(dirname "$0")/venv.sh"
venv "$1"
echo "$VENV"
