#!/bin/sh
# Tells that a stream began, and records it with ffmpeg in the background until cleanup.sh ends the recording.
#
#   rtmp-server --hook-script publish_start=/hooks/notify-start.sh --hook-script publish_stop=/hooks/cleanup.sh
#
# Set these for rtmp-server, which hands them on:
#   RTMP_URL             where ffmpeg plays from           rtmp://localhost:1935
#   RECORD_DIR           where the recordings go           recordings, in the server's folder
#   RUN_DIR              where the PID files go            $RECORD_DIR/.run; the same for both scripts
#   DISCORD_WEBHOOK_URL  a channel that is told, too       nobody
set -eu

key=${RTMP_STREAM_KEY:?run by rtmp-server for publish_start}
connection=${RTMP_CONN_ID:?run by rtmp-server for publish_start}
url=${RTMP_URL:-rtmp://localhost:1935}
record_dir=${RECORD_DIR:-recordings}
run_dir=${RUN_DIR:-$record_dir/.run}

# Publishers choose the name of their stream: in a file name only harmless characters of it remain.
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

if command -v ffmpeg >/dev/null; then
  mkdir -p "$record_dir" "$run_dir"
  name=$(file_name "$key")_$(date +%Y%m%d_%H%M%S)_$(file_name "$connection")
  file=$record_dir/$name.mp4
  # In fragments, so that a recording that is cut short can be played all the same.
  ffmpeg -nostdin -loglevel warning -i "${url%/}/$key" -c copy -movflags frag_keyframe+empty_moov -f mp4 \
    "file:$file" </dev/null >"$run_dir/$name.log" 2>&1 &
  printf '%s\n' "$!" "$file" >"$run_dir/$(file_name "$connection")_$(file_name "$key").pid"
  printf 'recording to %s\n' "$file"
  status=0
else
  echo 'ffmpeg is not on the PATH, nothing is recorded' >&2
  status=1
fi

tell "🔴 LIVE: $key started, from ${RTMP_CLIENT_IP:-unknown} to ${RTMP_APP:-unknown}"
exit "$status"
