#!/bin/sh
# Makes the virtual environment at $1, or leaves a working one alone.
set -eu
venv=$1
if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  exit 0
fi
python=$("$(dirname "$0")/find_python.sh")
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
  # Debian ships the standard library's venv as a package of its own.
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing python3-venv, which $python lacks"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3-venv >/dev/null
  else
    echo "$python comes without venv and pip. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 1
  fi
fi
echo "Making $venv with $("$python" --version)"
"$python" -m venv --clear "$venv"
