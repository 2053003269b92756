#!/bin/sh
# Newest allowed versions of everything, with hashes, for every platform and Python from 3.11; no host names, no paths.
set -eu
cd "$(dirname "$0")/.."
compile() {
  .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --system-certs "$@"
}
compile pyproject.toml requirements/build.in --extra dev --output-file requirements/dev.txt
# What runs, the web application with it: the same versions as with the development packages, so that what is tested is what runs.
compile pyproject.toml requirements/build.in --extra web --constraints requirements/dev.txt --output-file requirements/base.txt
compile requirements/node.in --output-file requirements/node.txt
rm -f package-lock.json
tools/npm.sh install --package-lock-only --silent
