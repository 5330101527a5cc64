#!/bin/sh
# Does something for every event that rtmp-server writes: put your own commands into the case below. Needs jq.
#
#   rtmp-server --hook-stdio-format json | /hooks/event-handler.sh
#
# It takes bare JSON lines and lines that begin with "RTMP_EVENT: ", so events may come together with the log:
#
#   rtmp-server --hook-stdio-format json --hook-stdio-stream stderr --hook-stdio-prefix 'RTMP_EVENT: ' 2>&1 | /hooks/event-handler.sh
#
# Other lines are passed through.
set -eu

command -v jq >/dev/null || {
  echo 'event-handler.sh needs jq' >&2
  exit 1
}

# Of each event its type, stream and connection, without control characters and with one between them that cannot occur.
# shellcheck disable=SC2016 # $line is jq's
fields='
  def clean: tostring | gsub("[\\x00-\\x1f\\x7f]"; "");
  def known: if . == null or . == "" then "unknown" else clean end;
  . as $line
  | (ltrimstr("RTMP_EVENT: ") | fromjson? | objects | select(.type | type == "string")
      | ["event", (.type | clean), (.stream_key | known), (.conn_id | known)])
    // ["line", ($line | gsub("\\x1f"; "")), "", ""]
  | join("\u001f")
'
separator=$(printf '\037')

jq --unbuffered --raw-input --raw-output "$fields" |
  while IFS=$separator read -r kind type stream connection; do
    if [ "$kind" = line ]; then
      printf '%s\n' "$type"
      continue
    fi
    case $type in
      publish_start) printf 'stream started: %s (%s)\n' "$stream" "$connection" ;;
      publish_stop) printf 'stream stopped: %s (%s)\n' "$stream" "$connection" ;;
      connection_accept) printf 'new connection: %s\n' "$connection" ;;
      *) printf 'event %s: %s (%s)\n' "$type" "$stream" "$connection" ;;
    esac
  done
