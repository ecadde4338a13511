#!/usr/bin/env bash
# Curls, eight at a time: with_curls.sh API_URL LOOK_EVERY MIGRATED_FROM PRODUCT_URL...
# Each answer goes to a file, where bash finds what it needs of it itself, so that nothing but xargs and curl is started.
set -euo pipefail
api=$1 look_every=$2 migrated_from=$3
shift 3
products=("$@")

umask 077
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
printf 'user = "%s:%s"\n' "$ATLASSIAN_EMAIL" "$ATLASSIAN_API_TOKEN" > "$there/account"

# Standard input has the arguments of a curl in each line. It fails if one of them does, when all have ended.
ask() {
  xargs -P 8 -L 1 curl --silent --show-error --fail --max-time 60 "$@"
}

# field NAME FILE
field() {
  [[ $(< "$2") =~ \"$1\":\ *\"([^\"]*)\" ]] && REPLY=${BASH_REMATCH[1]}
}

for index in "${!products[@]}"; do
  printf -- '--output %s %s\n' "$there/site.$index" "${products[index]}/_edge/tenant_info"
done | ask

jobs=()
sites=()
for index in "${!products[@]}"; do
  field cloudId "$there/site.$index"
  for destination in "${products[@]}"; do
    if [[ $destination == "${products[index]}" ]]; then continue; fi
    printf '{"product": "jira", "productURL": "%s", "destinationURL": "%s", "migratedFrom": "%s", "recreateAsRemote": true}' \
      "${products[index]}" "$destination" "$migrated_from" > "$there/body.${#jobs[@]}"
    sites+=("$REPLY")
    jobs+=("")
  done
done

for index in "${!jobs[@]}"; do
  printf -- '--output %s --data @%s %s\n' "$there/job.$index" "$there/body.$index" "$api/${sites[index]}/jobs/cma"
done | ask --config "$there/account" --header 'Content-Type: application/json'
for index in "${!jobs[@]}"; do
  field uuid "$there/job.$index"
  jobs[index]=$REPLY
done

while true; do
  for index in "${!jobs[@]}"; do
    printf -- '--output %s %s\n' "$there/status.$index" "$api/${sites[index]}/jobs/status/${jobs[index]}"
  done | ask --config "$there/account"
  for index in "${!jobs[@]}"; do
    field status "$there/status.$index"
    case ${REPLY,,} in
      complete) unset 'jobs[index]' ;;
      error) exit 1 ;;
    esac
  done
  if ((${#jobs[@]} == 0)); then break; fi
  sleep "$look_every"
done
