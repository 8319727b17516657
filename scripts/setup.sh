#!/usr/bin/env bash
# Makes .venv in this checkout what the lock files say. Run it as often as you like: nothing happens when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/.."

# Bytecode is wanted here whatever the caller's environment says: without it every `sps` start compiles again.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV

readonly VENV=.venv
readonly STAMP="$VENV/.sps-setup"
readonly PYTHON="$VENV/bin/python"

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
    local candidate
    # What .venv was made with stays while it works: another python3 may come first on PATH for a while.
    for candidate in "${SPS_PYTHON:-$PYTHON}" python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    say "Python 3.11 or newer is needed; install it or name it: SPS_PYTHON=/path/to/python3 make setup"
    exit 1
}

has_postgres() {
    command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null
}

# The package would make a cluster of the machine's own and start it.
no_postgres_cluster() {
    local settings=/etc/postgresql-common/createcluster.conf
    [ ! -e "$settings" ] || return 0
    mkdir -p "${settings%/*}"
    printf 'create_main_cluster = false\n' >"$settings"
}

install_system_packages() {
    local missing=()
    # The console's tests drive a real browser, those of the store a server of their own, those of remotes
    # an ssh server and gpg, those of environments npm; nothing else needs one.
    if [ "${1:-}" = tests ]; then
        command -v chromium >/dev/null || missing+=(chromium)
        command -v openssl >/dev/null || missing+=(openssl)
        has_postgres || missing+=(postgresql)
        [ -x /usr/sbin/sshd ] || missing+=(openssh-server)
        command -v ssh >/dev/null || missing+=(openssh-client)
        command -v npm >/dev/null || missing+=(nodejs npm)
        command -v gpg >/dev/null || missing+=(gnupg)
    fi
    command -v git >/dev/null || missing+=(git)
    [ "$(uname -s)" != Linux ] || command -v bwrap >/dev/null || missing+=(bubblewrap)
    [ ${#missing[@]} -gt 0 ] || return 0
    local get=(apt-get -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold -qq)
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing ${missing[*]}; this can take minutes"
        export DEBIAN_FRONTEND=noninteractive
        case " ${missing[*]} " in *' postgresql '*) no_postgres_cluster ;; esac
        if "${get[@]}" update >/dev/null && "${get[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null; then
            return 0
        fi
    fi
    say "missing on this machine: ${missing[*]}. Debian and Ubuntu: sudo apt-get install -y ${missing[*]}"
    say "going on without; what needs them will say so"
}

wanted_state() {
    # The interpreter and the place belong to the state: a moved checkout has scripts that point to the old place.
    printf '%s %s\n' "$1" "$PWD"
    cat requirements-uv.lock requirements-dev.lock pyproject.toml scripts/setup.sh src/sps/__init__.py
}

install_packages() {
    local pip=("$PYTHON" -m pip --quiet --disable-pip-version-check --no-input)
    say "fetching uv, which fetches the rest"
    "${pip[@]}" install --require-hashes -r requirements-uv.lock
    say "fetching $(grep -c '^[a-zA-Z0-9]' requirements-dev.lock) packages; the first time takes a minute or more"
    # `sync` also removes what the lock files no longer name, so that an old .venv hides no missing dependency.
    if ! "$VENV/bin/uv" pip sync --quiet --python "$PYTHON" --require-hashes \
        requirements-uv.lock requirements-dev.lock 2>/dev/null; then
        # uv does not read pip's configuration; behind a mirror that only pip knows, pip does the same work slower, and
        # says what is wrong if it fails too.
        say "uv cannot reach the packages; pip takes over"
        "${pip[@]}" install --require-hashes -r requirements-dev.lock
    fi
    # `python -m venv` brings packages of its own, one of which costs each start of sps, and neither way above removes all
    # that the lock files do not name.
    local rest
    rest=$("$PYTHON" scripts/unlocked.py requirements-uv.lock requirements-dev.lock)
    # shellcheck disable=SC2086 # names, one a line
    [ -z "$rest" ] || "${pip[@]}" uninstall --yes $rest
    # The build backend is in the lock, so nothing is fetched beside it.
    "${pip[@]}" install --no-deps --no-index --no-build-isolation --editable .
    say "compiling them, so that sps starts fast"
    "$PYTHON" -m compileall -q "$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" || true
}

install_system_packages "${1:-}"
# Waiting runs share one set-up: two `make` calls at once must not write the same .venv.
exec 9<scripts/setup.sh
if command -v flock >/dev/null; then flock -w 900 9; fi

python=$(find_python)
state=$(wanted_state "$("$python" -VV)" | cksum)
if [ ! -x "$PYTHON" ] || [ "$(cat "$STAMP" 2>/dev/null)" != "$state" ]; then
    say "making $VENV"
    rm -f "$STAMP"
    if ! "$PYTHON" -c 'import sys' 2>/dev/null || [ "$("$PYTHON" -VV)" != "$("$python" -VV)" ]; then
        rm -rf "$VENV"
        "$python" -m venv "$VENV" || {
            say "python's venv module does not work here. Debian and Ubuntu: sudo apt-get install -y python3-venv"
            exit 1
        }
    fi
    install_packages
    printf '%s\n' "$state" >"$STAMP"
fi
"$PYTHON" -m compileall -q -x 'sps/library/' src/sps >/dev/null || true
