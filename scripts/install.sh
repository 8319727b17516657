#!/usr/bin/env bash
# Installs sps for its user: a virtual environment of its own and a link on PATH. Again it upgrades, and daemons at work go
# over to the new program; the one before is kept until the next time. `remove` takes away what this wrote, and nothing
# else, once nothing of it is at work; the home with your cards stays.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV

readonly PREFIX=${SPS_PREFIX:-$HOME/.local}
readonly ROOT=$PREFIX/share/sps-program
readonly CURRENT=$ROOT/current
readonly LINK=$PREFIX/bin/sps
readonly SETUP=.venv/bin

say() { printf 'install: %s\n' "$*" >&2; }

# A link that is ours points into our folder; anything else at that place is somebody else's.
ours() { [ -L "$LINK" ] && [ "$(readlink "$LINK")" = "$CURRENT/bin/sps" ]; }

stop_here() {
    say "$1"
    exit 1
}

# A link is replaced in one step, so that a call in the same moment finds the old program or the new one.
point() {
    ln -s "$1" "$2.new.$$"
    mv -T "$2.new.$$" "$2" 2>/dev/null || mv -hf "$2.new.$$" "$2"
}

install_into() {
    local target=$1 python=$1/bin/python wheels=$1/wheel
    "$SETUP/python" -m venv --without-pip "$target"
    # uv does not read pip's configuration; behind a mirror that only pip knows, pip does the same work slower, and says
    # what is wrong if it fails too.
    if ! "$SETUP/uv" pip sync --quiet --python "$python" --require-hashes requirements.lock 2>/dev/null; then
        say "uv cannot reach the packages; pip takes over"
        "$SETUP/python" -m pip --python "$python" --quiet --disable-pip-version-check --no-input \
            install --require-hashes -r requirements.lock
    fi
    # The build backend is in .venv, so nothing is fetched beside the lock file.
    "$SETUP/python" -m pip --quiet --disable-pip-version-check wheel --no-deps --no-index --no-build-isolation \
        --wheel-dir "$wheels" .
    "$SETUP/uv" pip install --quiet --offline --no-deps --python "$python" "$wheels"/sps-*.whl
    rm -r "$wheels"
    "$python" -W ignore -m compileall -q -x "sps/library/" "$target/lib" >/dev/null || true
    "$target/bin/sps" --version >/dev/null
}

install() {
    [ ! -e "$LINK" ] && [ ! -L "$LINK" ] || ours ||
        stop_here "$LINK is there already and is not ours; move it away, or choose: SPS_PREFIX=/elsewhere make install"
    mkdir -p "$ROOT/versions" "$PREFIX/bin"
    local before="" target
    [ ! -L "$CURRENT" ] || before=$(readlink "$CURRENT")
    target=$ROOT/versions/$(date -u +%Y%m%dT%H%M%SZ)-$$
    trap 'rm -rf "$target"' EXIT
    install_into "$target"
    trap - EXIT
    point "$target" "$CURRENT"
    ours || point "$CURRENT/bin/sps" "$LINK"
    say "$("$LINK" --version) is $LINK"
    "$SETUP/python" scripts/installed.py hand-over "$ROOT" "$LINK"
    local old used
    used=$("$SETUP/python" scripts/installed.py used "$ROOT" "$LINK")
    for old in "$ROOT"/versions/*; do
        [ "$old" = "$target" ] || [ "$old" = "$before" ] || grep -qxF -- "$old" <<<"$used" || rm -rf "$old"
    done
    [ -z "$before" ] || say "the one before is kept: ln -sfn $before $CURRENT brings it back"
    case ":$PATH:" in
    *":$PREFIX/bin:"*) ;;
    *) say "$PREFIX/bin is not on your PATH; add this line to your shell's start file: export PATH=\"$PREFIX/bin:\$PATH\"" ;;
    esac
    say "next: sps setup"
}

remove() {
    # What is in the way is asked while there is a program to type it to.
    if ours && "$CURRENT/bin/python" -c ''; then
        "$CURRENT/bin/python" scripts/installed.py may-go "$ROOT" "$LINK" || exit 1
    fi
    if ours; then rm "$LINK"; elif [ -e "$LINK" ]; then say "$LINK is not ours and stays"; fi
    rm -rf "$ROOT"
    say "removed; cards, pipelines and history stay in ${SPS_HOME:-$HOME/.sps}; rm -r on it removes these too"
}

case ${1:-install} in
install) install ;;
remove) remove ;;
*) stop_here "usage: scripts/install.sh [install|remove]" ;;
esac
