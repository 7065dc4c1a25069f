#!/usr/bin/env bash
# The whole story of Grantry with curl alone: register, grant, plan, apply, a real token, events, a failing call, the
# debugger, a rotation without a failed call.
#
#   GRANTRY_TOKEN=gty_... docs/quickstart.sh            (GRANTRY_URL, default http://127.0.0.1:3000)
#
# The token is GRANTRY_BOOTSTRAP_TOKEN, or one made under Settings. Names carry a suffix, so it can run again.
set -euo pipefail
url=${GRANTRY_URL:-http://127.0.0.1:3000}
token=${GRANTRY_TOKEN:?Set GRANTRY_TOKEN to an API token: Settings, API tokens; or start with GRANTRY_BOOTSTRAP_TOKEN. GRANTRY_URL is where Grantry is.}
run=${GRANTRY_RUN:-$(date +%s)}
client=order-service-$run
audience=https://payment-service-$run.internal

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# call METHOD PATH [BODY] -> the answer's body; $status holds its status. Never prints the token.
body=$(mktemp); trap 'rm -f "$body"' EXIT
call() {
  local method=$1 path=$2 data=${3-}
  status=$(curl -sS -o "$body" -w '%{http_code}' -X "$method" "$url/api/v1$path" -H "Authorization: Bearer $token" \
    ${data:+-H 'Content-Type: application/json' --data-binary "$data"})
}
want() { [ "$status" = "$1" ] || fail "expected $1, got $status: $(head -c 600 "$body")"; }
# field NAME -> its first value in the last answer (a string or a bare word)
field() { grep -o "\"$1\":\(\"[^\"]*\"\|[^,}\"]*\)" "$body" | head -1 | sed -e "s/^\"$1\"://" -e 's/^"//' -e 's/"$//'; }
has() { grep -q "$1" "$body" || fail "expected $1 in: $(head -c 600 "$body")"; }
# until SECONDS CHECK... -> repeats until the command holds
until_true() {
  local end=$(($(date +%s) + $1)); shift
  until "$@"; do [ "$(date +%s)" -lt "$end" ] || return 1; sleep 0.3; done
}
# claims TOKEN -> the payload of a JWT, decoded
claims() {
  local part; part=$(printf '%s' "$1" | cut -d. -f2 | tr '_-' '/+')
  while [ $((${#part} % 4)) -ne 0 ]; do part="$part="; done
  printf '%s' "$part" | base64 -d
}

say "1. The provider"
call GET "/providers?limit=50"; want 200
has '"kind":"local"'
provider=$(grep -o '{"id":"[^"]*","kind":"local"' "$body" | head -1 | cut -d'"' -f4)
[ -n "$provider" ] || fail "no local provider"
echo "local identity provider: $provider"

# What else waits would be applied along with ours: that is for its owner to decide.
settled() { call POST /plans "{\"provider_ids\":[\"$provider\"]}"; [ "$status" = 201 ] && grep -q '"changes":\[\]' "$body"; }
until_true 40 settled || fail "other changes are waiting for this provider: apply or undo them first, see $url/plans"

say "2. Register an API with a scope, a service, and grant one to the other"
call POST /audiences "{\"identifier\":\"$audience\",\"name\":\"Payments $run\",\"token_ttl_seconds\":300,\"token_format\":\"jwt\",\"signing_alg\":\"RS256\",\"scopes\":[{\"name\":\"payments:write\",\"description\":\"Charge\"},{\"name\":\"payments:read\",\"description\":\"See\"}]}"
want 201
call POST /clients "{\"name\":\"$client\",\"display_name\":\"Orders $run\",\"owner\":\"team-orders\",\"auth_method\":\"client_secret_basic\",\"provider_ids\":[\"$provider\"]}"
want 201; client_id=$(field id)
call POST /grants "{\"client\":\"$client\",\"audience\":\"$audience\",\"scopes\":[\"payments:write\"],\"reason\":\"Orders are paid\"}"
want 201
echo "client $client may request payments:write of $audience"

say "3. Plan and apply"
call POST /plans "{\"provider_ids\":[\"$provider\"]}"; want 201
plan=$(field id); has '"verb":"create"'
call POST "/plans/$plan/apply" '{}'; want 202
applied() { call GET "/plans/$plan"; [ "$(grep -o '"status":"[a-z_]*"' "$body" | grep -c '"status":"applied"')" -ge 1 ] && grep -q "\"id\":\"$plan\",\"status\":\"applied\"" "$body"; }
until_true 30 applied || fail "the plan was not applied: $(head -c 600 "$body")"
echo "applied: $plan"
until_true 10 settled || fail "the next plan is not empty: $(head -c 600 "$body")"
echo "the next plan is empty"

say "4. Reveal the first secret, once, and get a real token"
live() { call GET "/clients/$client_id/secrets"; grep -q '"state":"live"' "$body"; }
until_true 30 live || fail "no live secret: $(cat "$body")"
secret_id=$(field id)
call POST "/clients/$client_id/secrets/$secret_id/reveal"; want 200
old_secret=$(field client_secret); token_endpoint=$(field token_endpoint); old_fingerprint=$(field fingerprint)
call POST "/clients/$client_id/secrets/$secret_id/reveal"; want 410
# fetch SECRET SCOPE -> sets $answer, $code
fetch() { answer=$(curl -sS -w '\n%{http_code}' -u "$client:$1" -d grant_type=client_credentials -d "resource=$audience" -d "scope=$2" "$token_endpoint"); code=${answer##*$'\n'}; answer=${answer%$'\n'*}; }
fetch "$old_secret" payments:write; [ "$code" = 200 ] || fail "no token: $answer"
jwt=$(printf '%s' "$answer" | grep -o '"access_token":"[^"]*"' | cut -d'"' -f4)
claims "$jwt" | grep -q '"scope":"payments:write"' || fail "the scope is not exactly payments:write"
claims "$jwt" | grep -q "\"aud\":\"$audience\"" || fail "the audience is not $audience"
echo "a token with exactly payments:write for $audience"
fetch "$old_secret" payments:read; [ "$code" = 400 ] && printf '%s' "$answer" | grep -q invalid_scope || fail "payments:read was not refused: $answer"
echo "payments:read is refused: invalid_scope"

say "5. Verify it in the debugger"
call POST /tokens/inspect "{\"token\":\"$jwt\"}"; want 200
has '"verdict":"valid"'
call POST /tokens/inspect "{\"token\":\"${jwt%????}AAAA\"}"; want 200
has '"verdict":"invalid"'
echo "the real one is valid, a tampered one is not"

say "6. Events of a real service"
call POST /sources "{\"name\":\"payment-service-$run\"}"; want 201; source=$(field id)
call POST /api-tokens "{\"name\":\"payment-service-$run\",\"permissions\":[\"events:write\"],\"source_id\":\"$source\"}"; want 201
ingest=$(field token)
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
lines=$(printf '%s\n%s\n%s' \
  "{\"event\":\"token_validated\",\"event_id\":\"$run-1\",\"timestamp\":\"$now\",\"trace_id\":\"trace-$run-1\",\"client_id\":\"$client\",\"scopes\":[\"payments:write\"],\"audience\":\"$audience\",\"validation_result\":\"success\",\"auth_server\":\"local\",\"duration_ms\":3,\"resource\":\"POST /api/payments/charge\",\"secret_fingerprint\":\"$old_fingerprint\"}" \
  "{\"event\":\"token_validated\",\"event_id\":\"$run-2\",\"timestamp\":\"$now\",\"trace_id\":\"trace-$run-2\",\"client_id\":\"$client\",\"scopes\":[\"payments:write\"],\"audience\":\"$audience\",\"validation_result\":\"failure\",\"failure_reason\":\"insufficient_scope\",\"auth_server\":\"local\",\"duration_ms\":4,\"resource\":\"GET /api/payments/history\"}" \
  "{\"event\":\"token_validated\",\"timestamp\":\"not a time\"}")
send() { status=$(printf '%s\n' "$lines" | gzip | curl -sS -o "$body" -w '%{http_code}' "$url/api/v1/events" -H "Authorization: Bearer $ingest" -H 'Content-Type: application/x-ndjson' -H 'Content-Encoding: gzip' --data-binary @-); }
send; want 200; has '"received":3,"stored":2,"duplicates":0'; has bad_timestamp
send; want 200; has '"received":3,"stored":0,"duplicates":2'
echo "two stored, one rejected with its reason; sent again: two duplicates"

say "7. Find the failing call, and why"
call GET "/events?client_id=$client&result=failure&event=token_validated"; want 200
has "trace-$run-2"; has insufficient_scope
call GET "/events/histogram?client_id=$client"; want 200; has '"step_seconds"'
call GET "/events/facets?client_id=$client"; want 200; has '"facets"'
issued() { call GET "/events?client_id=$client&event=token_issued&limit=10"; grep -q '"failure_reason":"invalid_scope"' "$body"; }
until_true 20 issued || fail "the provider's own events did not arrive"
echo "GET /api/payments/history failed: insufficient_scope; the provider's refusal is there too"

say "8. Rotate the secret; both work until the old one is shown unused"
call POST "/clients/$client_id/rotations" "{\"provider_id\":\"$provider\"}"; want 201; rotation=$(field id)
fresh() { call GET "/clients/$client_id/secrets"; grep -o '{"id":"[^"]*"[^{}]*"state":"live"[^{}]*' "$body" | grep -v "$secret_id" | head -1 | cut -d'"' -f4 | grep -q .; }
until_true 30 fresh || fail "no new live secret: $(cat "$body")"
new_id=$(grep -o '{"id":"[^"]*"[^{}]*"state":"live"[^{}]*' "$body" | grep -v "$secret_id" | head -1 | cut -d'"' -f4)
call POST "/clients/$client_id/secrets/$new_id/reveal"; want 200; new_secret=$(field client_secret)
fetch "$old_secret" payments:write; [ "$code" = 200 ] || fail "the old secret stopped working: $answer"
fetch "$new_secret" payments:write; [ "$code" = 200 ] || fail "the new secret does not work: $answer"
call GET "/rotations/$rotation"; want 200; has '"state":"grace"'
call POST "/rotations/$rotation/retire"; want 409
has '"gate"'
echo "the gate is closed while the old secret was just used"
call POST "/rotations/$rotation/retire" '{"override":{"reason":"quickstart: the service was restarted with the new secret"}}'
[ "$status" -lt 300 ] || fail "retire: $status $(cat "$body")"
finished() { call GET "/rotations/$rotation"; grep -q '"state":"done"' "$body"; }
until_true 30 finished || fail "the rotation did not end: $(head -c 600 "$body")"
fetch "$old_secret" payments:write; [ "$code" = 401 ] || fail "the old secret still works: $answer"
fetch "$new_secret" payments:write; [ "$code" = 200 ] || fail "the new secret does not work: $answer"
echo "the old secret is refused, the new one works"

say "9. Who did what"
call GET "/trail?limit=5"; want 200
call POST /trail/verify; want 200; has '"ok":true'
echo "the admin audit trail is whole"

printf '\nDone. Open %s/clients/%s to see it.\n' "$url" "$client_id"
