#!/bin/sh
# Starts the demo: the API with its page on the one exported scorer in this folder, open to everybody.
# Needs what requirements.txt names, and nothing else. Each setting can be given from outside.
set -eu
cd "$(dirname "$0")"
set -- conf/*.yml

# Strangers ask: little at a time, and not all at once.
: "${HITCAST_RATE_LIMIT:=120}" "${HITCAST_MAX_CONCURRENT:=64}" "${HITCAST_BODY_SECONDS:=10}"
: "${HITCAST_MAX_BATCH:=200}" "${HITCAST_MAX_BATCHES:=1}"
: "${HITCAST_MAX_BODY_BYTES:=262144}" "${HITCAST_MAX_HELD_BYTES:=4194304}"
# Nothing that they enter is kept.
: "${HITCAST_LOG:=false}"
# Only the host's proxy reaches this port: callers are told apart by what it says of them.
: "${FORWARDED_ALLOW_IPS:=*}" "${HITCAST_FRAMED_BY:=https://huggingface.co}"
: "${HITCAST_HOST:=0.0.0.0}" "${HITCAST_PORT:=${PORT:-7860}}" "${HITCAST_PAGE:=true}"
: "${HITCAST_USE_CASE:=$(basename "$1" .yml)}" "${HITCAST_CONF:=conf}" "${HITCAST_SCORER:=scorer}"
: "${HITCAST_HOME:=${TMPDIR:-/tmp}/hitcast}"

export HITCAST_RATE_LIMIT HITCAST_MAX_CONCURRENT HITCAST_BODY_SECONDS HITCAST_MAX_BATCH
export HITCAST_MAX_BATCHES HITCAST_MAX_BODY_BYTES HITCAST_MAX_HELD_BYTES HITCAST_LOG
export FORWARDED_ALLOW_IPS HITCAST_FRAMED_BY HITCAST_HOST HITCAST_PORT HITCAST_PAGE
export HITCAST_USE_CASE HITCAST_CONF HITCAST_SCORER HITCAST_HOME
exec python -m serving
