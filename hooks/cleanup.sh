#!/bin/sh
# Tells that a stream ended, and ends the recording that notify-start.sh began, so that the file is whole.
#
#   rtmp-server --hook-script publish_start=/hooks/notify-start.sh --hook-script publish_stop=/hooks/cleanup.sh
#
# Set these for rtmp-server, which hands them on:
#   RECORD_DIR           as for notify-start.sh                          recordings, in the server's folder
#   RUN_DIR              as for notify-start.sh                          $RECORD_DIR/.run
#   STOP_SECONDS         how long ffmpeg may take to finish the file     10; less than --hook-timeout
#   DISCORD_WEBHOOK_URL  a channel that is told, too                     nobody
set -eu

key=${RTMP_STREAM_KEY:?run by rtmp-server for publish_stop}
connection=${RTMP_CONN_ID:?run by rtmp-server for publish_stop}
record_dir=${RECORD_DIR:-recordings}
run_dir=${RUN_DIR:-$record_dir/.run}

# The same as in notify-start.sh.
file_name() {
  printf '%s' "$1" | LC_ALL=C tr -c 'A-Za-z0-9.-' '_' | cut -c 1-80 | sed 's/^[.-]/_/'
}

# Text inside the quotes of a JSON string. rtmp-server has removed control characters.
json_text() {
  printf '%s' "$1" | sed 's/[\\"]/\\&/g'
}

tell() {
  printf '%s\n' "$1"
  [ -n "${DISCORD_WEBHOOK_URL:-}" ] || return 0
  printf '{"content":"%s","allowed_mentions":{"parse":[]}}' "$(json_text "$1")" |
    curl --silent --show-error --fail --max-time 10 --output /dev/null \
      --header 'Content-Type: application/json' --data-binary @- "$DISCORD_WEBHOOK_URL" ||
    echo 'the channel was not told' >&2
}

# Whether process $1 still writes file $2. After a restart of the machine its number may be somebody else's.
is_recording() {
  if [ -d /proc/self ]; then
    command_line=$(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline") || return 1
  else
    command_line=$(ps -o args= -p "$1") || return 1
  fi
  case $command_line in *"file:$2"*) return 0 ;; *) return 1 ;; esac
}

end_recording() {
  pid=
  file=
  { read -r pid && IFS= read -r file; } <"$1" || true
  rm -f "$1"
  case $pid in '' | *[!0-9]*) return 0 ;; esac
  is_recording "$pid" "$file" || return 0

  # On TERM ffmpeg writes what is left of the file and ends.
  kill -TERM "$pid" 2>/dev/null || return 0
  waited=0
  while is_recording "$pid" "$file"; do
    if [ "$waited" -ge $((${STOP_SECONDS:-10} * 10)) ]; then
      kill -KILL "$pid" 2>/dev/null || true
      printf 'the recording would not end and was killed: %s\n' "$file" >&2
      return 0
    fi
    sleep 0.1
    waited=$((waited + 1))
  done
  printf 'recorded %s\n' "$file"
}

pid_file=$run_dir/$(file_name "$connection")_$(file_name "$key").pid
if [ -f "$pid_file" ]; then end_recording "$pid_file"; fi

tell "⚫ ENDED: $key after ${RTMP_DURATION_SECONDS:-0} s, ${RTMP_BYTES_RECEIVED:-0} bytes received"
