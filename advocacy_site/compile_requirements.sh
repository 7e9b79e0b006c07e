#!/bin/sh
# Pin the dependencies of pyproject.toml, with hashes, without addresses of registries.
set -eu
cd "$(dirname "$0")/.."

.venv/bin/python -m pip install --quiet --disable-pip-version-check 'pip-tools~=7.6'

compile() {
    CUSTOM_COMPILE_COMMAND="make requirements" .venv/bin/python -m piptools compile --quiet \
        --generate-hashes --allow-unsafe --strip-extras \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@" pyproject.toml
}

compile --output-file=requirements.txt
compile --output-file=requirements-dev.txt --extra=dev --constraint=requirements.txt
