#!/usr/bin/env bash
# A small sync with curl, request by request as Entra ID does it, into a running Countersign: a first
# sync of two users and two groups, then somebody joins, somebody moves, somebody leaves. Each answer's
# status is checked. What it made is deleted at the end.
#
# Usage: BASE=http://localhost:8080/accounts/acme/scim/v2 TOKEN=csn_... examples/sync.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/entra"

answer='' id='' made=()

main() {
    command -v curl >/dev/null || die 'no curl: install it, for example with `apt-get install curl`'
    [[ -n ${BASE:-} && -n ${TOKEN:-} ]] ||
        die 'set BASE and TOKEN: `countersign demo` prints both, `countersign token create` too'
    trap clean_up EXIT

    step 'Test Connection: a user that cannot exist'
    find_none Users userName 7c1c2ed8-0f5f-4cf2-8f5e-2d6a3d4f0b11

    step 'First sync: users, then who manages whom'
    create_user chloe.lefevre@example.com 01-user-create.json
    local chloe=$id
    create_user theo.nguyen@example.com 02-user-create.json
    local theo=$id
    request PATCH "/Users/$theo" 200 "$(body 03-manager-add.json MANAGER_ID "$chloe")"
    contains "\"$chloe\""

    step 'First sync: groups, then their members'
    create_group 'Example Sales' 04-group-create.json
    local sales=$id
    create_group 'Example Customer Success' 05-group-create.json
    local success=$id
    add_member "$sales" "$chloe"
    add_member "$sales" "$theo"

    step 'A joiner'
    create_user soren.jorgensen@example.com 07-joiner-create.json
    local soren=$id
    add_member "$sales" "$soren"

    step 'A mover: other attributes, one group for another'
    request PATCH "/Users/$theo" 200 "$(body 08-mover-patch.json)"
    contains '"Customer Success"'
    request PATCH "/Groups/$sales" 204 "$(body 09-member-remove.json USER_ID "$theo")"
    is_member "$sales" "$theo" 0
    add_member "$success" "$theo"

    step 'A leaver: inactive, and still there'
    request PATCH "/Users/$soren" 200 "$(body 10-leaver-patch.json)"
    request GET "/Users/$soren" 200
    contains '"active":false'

    step 'And gone: what this script made is deleted'
    local path
    for path in "${made[@]}"; do request DELETE "$path" 204; done
    made=()
    request GET "/Users/$theo" 404
    printf '\nall as expected\n'
}

# create_user NAME FILE: the match query, which must find nobody, then the POST. Sets `id`.
create_user() {
    find_none Users userName "$1"
    create /Users "$2"
}

create_group() {
    find_none Groups displayName "$1"
    create /Groups "$2"
}

create() {
    request POST "$1" 201 "$(body "$2")"
    [[ $answer =~ \"id\":\"([^\"]+)\" ]] || die "no id in: $answer"
    id=${BASH_REMATCH[1]}
    made+=("$1/$id")
}

add_member() {
    request PATCH "/Groups/$1" 204 "$(body 06-member-add.json USER_ID "$2")"
    is_member "$1" "$2" 1
}

# is_member GROUP USER TIMES: Entra's own question.
is_member() {
    request GET "/Groups?attributes=id&filter=$(encoded "id eq \"$1\" and members eq \"$2\"")" 200
    contains "\"totalResults\":$3"
}

find_none() {
    request GET "/$1?filter=$(encoded "$2 eq \"$3\"")" 200
    contains '"totalResults":0'
}

# request METHOD PATH STATUS [BODY]: sets `answer`, and ends the script at any other status.
request() {
    local method=$1 path=$2 expected=$3 status
    local -a more=()
    if (($# > 3)); then more=(--header 'Content-Type: application/scim+json' --data-binary "$4"); fi
    # The token comes by a file descriptor: a command line can be read by every user of the machine.
    answer=$(curl --silent --show-error --request "$method" --write-out '\n%{http_code}' \
        --header @<(printf 'Authorization: Bearer %s\n' "$TOKEN") ${more[@]+"${more[@]}"} "$BASE$path")
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}
    printf '  %-6s %s -> %s\n' "$method" "$path" "$status"
    [[ $status = "$expected" ]] || die "expected $expected: $answer"
}

contains() { [[ $answer = *"$1"* ]] || die "expected $1 in: $answer"; }

# body FILE [WORD TEXT]: the file's text, its placeholder WORD replaced.
body() { sed "s/${2:-^$}/${3:-}/" "$1"; }

# For a filter in a URL: of what is not plain, only blanks, quotes and @ occur here.
encoded() {
    local text=${1// /%20}
    text=${text//\"/%22}
    printf '%s' "${text//@/%40}"
}

step() { printf '\n%s\n' "$*"; }

die() {
    printf 'sync.sh: %s\n' "$*" >&2
    exit 1
}

# Only if something went wrong is there anything left to delete, so that the next run can begin afresh.
clean_up() {
    local path
    for path in ${made[@]+"${made[@]}"}; do
        curl --silent --output /dev/null --request DELETE \
            --header @<(printf 'Authorization: Bearer %s\n' "$TOKEN") "$BASE$path" || true
    done
}

main "$@"
