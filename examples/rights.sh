#!/usr/bin/env bash
# What a group gives, and what comes of it, with curl against a running Countersign: an administrator sees
# what mapping a group to a bundle would do, maps it, and asks why somebody has a right and who else has it;
# the product asks for decisions and hears of changes. Each answer is checked. What was made is taken away.
#
# Usage: URL=http://localhost:8080 COOKIE=css_... PRODUCT_KEY=csp_... ACCOUNT=acme GROUP_ID=... USER_ID=... examples/rights.sh
#
# COOKIE is the value of the cookie `__Host-sid` of a browser in which an administrator is signed in, PRODUCT_KEY
# what `countersign product-key create --name shop --scope decisions --scope rights` prints. GROUP_ID and USER_ID
# are the ids of a group and of one of its members, as SCIM has them: one of up to 100, so that the preview names all,
# to which nothing gives the right yet. Of the demo's groups, `Engineering` is such a one.
set -euo pipefail

readonly BUNDLE=analyst RIGHT=dashboards.edit JSON='Content-Type: application/json'
answer=''
made='' # the path of the mapping, while there is one

main() {
    command -v curl >/dev/null || die 'no curl: install it, for example with `apt-get install curl`'
    [[ -n ${URL:-} && -n ${COOKIE:-} && -n ${PRODUCT_KEY:-} && -n ${ACCOUNT:-} && -n ${GROUP_ID:-} && -n ${USER_ID:-} ]] ||
        die 'set URL, COOKIE, PRODUCT_KEY, ACCOUNT, GROUP_ID and USER_ID: the head of this file says where they come from'
    trap clean_up EXIT
    local seat=/api/v1/accounts/$ACCOUNT bundle mapping since

    step 'The administrator: which bundle of the catalogue gives the right?'
    as_browser GET "$seat/bundles?limit=200" 200
    [[ $answer =~ \"id\":\"([^\"]+)\"[^{}]*\"key\":\"$BUNDLE\" ]] || die "no $BUNDLE in: $answer"
    bundle=${BASH_REMATCH[1]}

    step 'What would it do if the group gave that bundle?'
    mapping="{\"group\":\"$GROUP_ID\",\"bundle\":\"$bundle\",\"reason\":\"an example\"}"
    as_browser POST "$seat/group-mappings?dryRun=true" 200 --header "$JSON" --data "$mapping"
    contains '"dry_run":true'
    contains "\"user\":\"$USER_ID\""
    decide "$USER_ID" false

    step 'Let the group give it. Sent twice with the same key, it is done once'
    local key=example-$RANDOM$RANDOM
    as_browser POST "$seat/group-mappings" 201 --header "Idempotency-Key: $key" --header "$JSON" --data "$mapping"
    as_browser POST "$seat/group-mappings" 201 --header "Idempotency-Key: $key" --header "$JSON" --data "$mapping"
    mapping=$(text_in_answer id)
    made=$seat/group-mappings/$mapping

    step 'Why does the user have the right now, and who else has it?'
    as_browser GET "$seat/users/$USER_ID/explanation?right=$RIGHT" 200
    contains "\"id\":\"$mapping\""
    contains '"standing":"effective"'
    as_browser GET "$seat/holders?right=$RIGHT" 200
    contains "\"user\":\"$USER_ID\""

    step 'The product: may the user do it? And two things at once?'
    decide "$USER_ID" true
    as_product POST /access/v1/evaluations 200 --header "$JSON" --data "{$(question "$USER_ID"),
        \"evaluations\":[{\"action\":{\"name\":\"$RIGHT\"}},{\"action\":{\"name\":\"no.such.right\"}}]}"
    contains '"evaluations":[{"decision":true'
    contains '{"decision":false'

    step 'The product: what has changed? First all, from then on what is new'
    as_product GET "$seat/rights/changes" 200
    contains '{"account":true}'
    since=$(text_in_answer next)
    as_browser DELETE "$made" 204
    made=''
    as_product GET "$seat/rights/changes?since=$since" 200
    contains '{"account":true}'
    decide "$USER_ID" false
    printf '\nall as expected\n'
}

# decide USER true|false: asks whether the user has the right in the whole account.
decide() {
    as_product POST /access/v1/evaluation 200 --header "$JSON" --data "{$(question "$1"),\"action\":{\"name\":\"$RIGHT\"}}"
    contains "\"decision\":$2"
}

question() {
    printf '"subject":{"type":"user","id":"%s"},"resource":{"type":"account","id":"%s"}' "$1" "$ACCOUNT"
}

# A browser says by itself from which site a request comes; curl has to be told.
# Secrets come by file descriptors: a command line can be read by every user of the machine.
as_browser() {
    request "$@" --header "Origin: $URL" --header @<(printf 'Cookie: __Host-sid=%s\n' "$COOKIE")
}

as_product() { request "$@" --header @<(printf 'Authorization: Bearer %s\n' "$PRODUCT_KEY"); }

# request METHOD PATH STATUS [CURL'S OPTIONS]: sets `answer`, and ends the script at any other status.
request() {
    local method=$1 path=$2 expected=$3 status
    shift 3
    answer=$(curl --silent --show-error --write-out '\n%{http_code}' "$@" --request "$method" "$URL$path")
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}
    printf '  %-6s %s -> %s\n' "$method" "$path" "$status"
    [[ $status = "$expected" ]] || die "expected $expected: $answer"
}

contains() { [[ $answer = *"$1"* ]] || die "expected $1 in: $answer"; }

# text_in_answer MEMBER: the first such member that is a text.
text_in_answer() {
    [[ $answer =~ \"$1\":\"([^\"]+)\" ]] || die "no $1 in: $answer"
    printf '%s' "${BASH_REMATCH[1]}"
}

step() { printf '\n%s\n' "$*"; }

die() {
    printf 'rights.sh: %s\n' "$*" >&2
    exit 1
}

# Only if something went wrong is there anything left to take away, so that the next run can begin afresh.
clean_up() {
    [[ -z $made ]] || curl --silent --output /dev/null --request DELETE --header "Origin: $URL" \
        --header @<(printf 'Cookie: __Host-sid=%s\n' "$COOKIE") "$URL$made" || true
}

main "$@"
