# Sourced by scripts that need uv: leaves its path in $uv. The caller sets $me, its name.
#
# uv is the machine's where that is new enough, and otherwise fetched into .tools by any python3.
# Nothing outside the clone is changed, but for uv's own download cache.

UV_VERSION=0.13.8

# What the caller's shell has active must not leak into the environment made here.
unset VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME UV_PYTHON
unset PIP_TARGET PIP_PREFIX PIP_USER PIP_REQUIRE_VIRTUALENV
export UV_PROJECT_ENVIRONMENT="$PWD/.venv" UV_PYTHON_INSTALL_DIR="$PWD/.tools/python"
# uv brings its own root certificates; a company's proxy is known to the system's store only.
if [ -s /etc/ssl/certs/ca-certificates.crt ] || [ -s /etc/pki/tls/certs/ca-bundle.crt ]; then
  export UV_SYSTEM_CERTS=1
fi

say() { printf '%s\n' "$me: $*" >&2; }

# Every interpreter worth trying, best first. A pyenv shim may exist and not run.
interpreters() {
  for name in python3.10 python3 python3.13 python3.12 python3.11 python3.9 python3.8; do
    command -v "$name" 2>/dev/null || true
  done
  for path in "$HOME"/.pyenv/versions/3.10*/bin/python3.10 "$HOME"/.pyenv/versions/3.*/bin/python3; do
    [ -x "$path" ] && printf '%s\n' "$path"
  done
}

# A uv is new enough when it knows dependency groups.
fits() { "$1" sync --help 2>/dev/null | grep -q -e '--no-default-groups'; }

install_uv() {
  for python in $(interpreters); do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1 || continue
    say "getting uv $UV_VERSION with $python"
    rm -rf .tools/uv .tools/pip
    if "$python" -m pip --version >/dev/null 2>&1; then
      pip="$python -m pip"
    elif "$python" -m venv .tools/pip >/dev/null 2>&1; then
      pip=".tools/pip/bin/python -m pip"
    else
      continue
    fi
    $pip install --quiet --disable-pip-version-check --no-warn-script-location \
      --only-binary :all: --target .tools/uv "uv==$UV_VERSION" || continue
    rm -rf .tools/pip
    fits .tools/uv/bin/uv && return
  done
  say "no python3 (3.8 or newer) with pip or venv could fetch uv."
  say "Install your system's python3-pip, or uv itself, and run make again."
  exit 1
}

uv=$(command -v uv || true)
if [ -z "$uv" ] || ! fits "$uv"; then
  uv=.tools/uv/bin/uv
  [ -x "$uv" ] && fits "$uv" || install_uv
fi
