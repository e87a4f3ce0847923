#!/usr/bin/env bash
# An access token for a signed-in browser, and what the product learns of it, with curl against a running
# Countersign. Each answer's status is checked. The token is revoked at the end.
#
# Usage: URL=http://localhost:8080 COOKIE=css_... PRODUCT_KEY=csp_... examples/tokens.sh
#
# COOKIE is the value of the cookie `__Host-sid` of a browser that is signed in, PRODUCT_KEY what
# `countersign product-key create --name shop --scope introspect` prints.
set -euo pipefail

answer=''

main() {
    command -v curl >/dev/null || die 'no curl: install it, for example with `apt-get install curl`'
    [[ -n ${URL:-} && -n ${COOKIE:-} && -n ${PRODUCT_KEY:-} ]] ||
        die 'set URL, COOKIE and PRODUCT_KEY: the head of this file says where they come from'

    step 'The browser: a token for the product'
    # A browser says by itself from which site a request comes; curl has to be told.
    as_browser POST /api/v1/token 200 --header 'Content-Type: application/json' --data '{}'
    [[ $answer =~ \"access_token\":\"([^\"]+)\" ]] || die "no token in: $answer"
    local token=${BASH_REMATCH[1]}

    step 'The product: is it good?'
    introspect "$token"
    contains '"active":true'

    step 'The product, by itself: the keys that verify it'
    request GET /.well-known/jwks.json 200
    contains '"kid"'

    step 'The browser: end it'
    as_browser POST /api/v1/revoke 200 --data-urlencode "token@"<(printf %s "$token")
    introspect "$token"
    contains '{"active":false}'
    printf '\nall as expected\n'
}

# Secrets come by file descriptors: a command line can be read by every user of the machine.
as_browser() {
    request "$@" --header "Origin: $URL" --header @<(printf 'Cookie: __Host-sid=%s\n' "$COOKIE")
}

introspect() {
    request POST /api/v1/introspect 200 --data-urlencode "token@"<(printf %s "$1") \
        --header @<(printf 'Authorization: Bearer %s\n' "$PRODUCT_KEY")
}

# request METHOD PATH STATUS [CURL'S OPTIONS]: sets `answer`, and ends the script at any other status.
request() {
    local method=$1 path=$2 expected=$3 status
    shift 3
    answer=$(curl --silent --show-error --request "$method" --write-out '\n%{http_code}' "$@" "$URL$path")
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}
    printf '  %-6s %s -> %s\n' "$method" "$path" "$status"
    [[ $status = "$expected" ]] || die "expected $expected: $answer"
}

contains() { [[ $answer = *"$1"* ]] || die "expected $1 in: $answer"; }

step() { printf '\n%s\n' "$*"; }

die() {
    printf 'tokens.sh: %s\n' "$*" >&2
    exit 1
}

main "$@"
