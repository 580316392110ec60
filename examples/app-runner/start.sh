#!/bin/sh
# Runs daemon and application; the container ends with the application and returns its exit code.
set -eu
"${XRAY_DAEMON:-xray}" --local-mode --log-level warn --bind 127.0.0.1:2000 --bind-tcp 127.0.0.1:2000 &
daemon=$!
node --import otel-xray/register app.mjs &
app=$!
trap 'kill -TERM "$app"' TERM INT
code=0
wait "$app" || code=$?
# A signal ends the first wait early; the second one gives the application time to finish.
if kill -0 "$app" 2>/dev/null; then
  code=0
  wait "$app" || code=$?
fi
kill -TERM "$daemon" 2>/dev/null || true
wait "$daemon" 2>/dev/null || true
exit "$code"
