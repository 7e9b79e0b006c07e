#!/bin/sh
# Make .venv with the packages of the given requirements files, and do nothing when it is there.
# Usage: prepare_venv.sh requirements.txt [requirements-dev.txt]
set -eu
cd "$(dirname "$0")/.."

# A name on the PATH proves nothing: pyenv's shims are there for versions that are not.
works() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

candidates() {
    wanted=$(head -n 1 .python-version 2>/dev/null || true)
    pyenv_versions="${PYENV_ROOT:-$HOME/.pyenv}/versions"
    for home in "$pyenv_versions/$wanted" "$pyenv_versions/$wanted".*; do
        echo "$home/bin/python"
    done
    for name in python3.13 python3.12 python3.14; do command -v "$name" || true; done
    for home in "$pyenv_versions"/3.1[2-9]*; do echo "$home/bin/python"; done
    command -v python3 || true
    command -v uv >/dev/null 2>&1 && uv python find '>=3.12' 2>/dev/null || true
}

find_python() {
    candidates | while IFS= read -r candidate; do
        if works "$candidate"; then
            echo "$candidate"
            break
        fi
    done
}

if ! .venv/bin/python -c pass 2>/dev/null || [ ! -e .venv/complete ]; then
    python=$(find_python)
    if [ -z "$python" ]; then
        echo "No Python 3.12 or newer with its venv module was found: install Python 3.13, for example from https://www.python.org/downloads/, with 'uv python install 3.13', or on Ubuntu with 'apt-get install python3-venv'." >&2
        exit 1
    fi
    echo "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv
    touch .venv/complete
fi

for requirements in "$@"; do
    # A copy of what was installed last tells, better than a file's time, what has changed.
    if ! cmp -s "$requirements" ".venv/$requirements"; then
        echo "Installing what $requirements names ..."
        .venv/bin/python -m pip install -qq --disable-pip-version-check \
            --require-hashes --no-deps --requirement "$requirements"
        cp "$requirements" ".venv/$requirements"
    fi
done
