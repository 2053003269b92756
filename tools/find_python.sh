#!/bin/sh
# Prints a Python that Coachline runs on: PYTHON if set, else python3, else a versioned one. Says what to do where there is none.
set -eu
recent='import sys; sys.exit(sys.version_info < (3, 11))'
for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
  if "$python" -c "$recent" >/dev/null 2>&1; then
    command -v "$python"
    exit 0
  fi
done
found=$(python3 --version 2>&1 || true)
echo "Coachline needs Python 3.11 or newer; here is: ${found:-none}. Install it, or name it: make PYTHON=/path/to/python3.11" >&2
exit 1
