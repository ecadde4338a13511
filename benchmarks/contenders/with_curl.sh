#!/usr/bin/env bash
# A loop of curl, one request after the other: with_curl.sh API_URL LOOK_EVERY MIGRATED_FROM PRODUCT_URL...
# What it needs of an answer bash finds itself, so that nothing but curl is started.
set -euo pipefail
api=$1 look_every=$2 migrated_from=$3
shift 3

ask() {
  curl --silent --show-error --fail --max-time 60 \
    --config <(printf 'user = "%s:%s"\n' "$ATLASSIAN_EMAIL" "$ATLASSIAN_API_TOKEN") "$@"
}

# field NAME JSON
field() {
  [[ $2 =~ \"$1\":\ *\"([^\"]*)\" ]] && REPLY=${BASH_REMATCH[1]}
}

jobs=()
for product in "$@"; do
  field cloudId "$(curl --silent --show-error --fail --max-time 60 "$product/_edge/tenant_info")"
  site=$REPLY
  for destination in "$@"; do
    if [[ $destination == "$product" ]]; then continue; fi
    printf -v body '{"product": "jira", "productURL": "%s", "destinationURL": "%s", "migratedFrom": "%s", "recreateAsRemote": true}' \
      "$product" "$destination" "$migrated_from"
    field uuid "$(ask --header 'Content-Type: application/json' --data "$body" "$api/$site/jobs/cma")"
    jobs+=("$site/jobs/status/$REPLY")
  done
done

for job in "${jobs[@]}"; do
  while true; do
    field status "$(ask "$api/$job")"
    case ${REPLY,,} in
      complete) break ;;
      error) exit 1 ;;
    esac
    sleep "$look_every"
  done
done
