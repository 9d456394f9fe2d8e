# Asks the gateway at GATEWAY for a delivery, reads it back and cancels it. With workload identity it brings a token for SCOPE.
set -eu

say() { echo "make-a-delivery: $1"; }
fail() {
  say "$1" >&2
  exit 1
}

# field <name>: the text value of a field of the JSON on standard input.
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"; }

# call <expected status> <curl arguments…>: leaves the body in $body; tries again while the gateway or its silos are not there yet.
call() {
  expected=$1
  shift
  tries=0
  while :; do
    answer=$(curl --silent --show-error --max-time 30 --header "$authorization" --write-out '\n%{http_code}' "$@") || answer='
000'
    status=${answer##*
}
    body=${answer%
*}
    [ "$status" = "$expected" ] && return 0
    case $status in 000 | 404 | 503) ;; *) fail "expected $expected, got $status: $body" ;; esac
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || fail "expected $expected, still got $status: $body"
    sleep 1
  done
}

authorization='X-Caller: make-a-delivery'
if [ -n "${AZURE_FEDERATED_TOKEN_FILE:-}" ]; then
  answer=$(curl --silent --show-error --fail --max-time 30 "${AZURE_AUTHORITY_HOST%/}/$AZURE_TENANT_ID/oauth2/v2.0/token" \
    --data-urlencode grant_type=client_credentials --data-urlencode "client_id=$AZURE_CLIENT_ID" --data-urlencode "scope=$SCOPE" \
    --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
    --data-urlencode "client_assertion@$AZURE_FEDERATED_TOKEN_FILE") || fail 'Entra gave no token.'
  token=$(echo "$answer" | field access_token)
  [ -n "$token" ] || fail 'the answer of Entra holds no token.'
  authorization="Authorization: Bearer $token"
fi

# So far ahead that no drone sets out before it is cancelled.
tomorrow=$(date -u -d "@$(($(date +%s) + 86400))" +%Y-%m-%dT%H:%M:%SZ)
call 202 --request POST "$GATEWAY/api/deliveryrequests" --header 'content-type: application/json' --data '{
  "confirmationRequired": "None", "deadline": "", "expedited": false, "ownerId": "helm-test", "pickupTime": "'"$tomorrow"'",
  "packageInfo": {"packageId": "helm-test", "size": "Small", "tag": "helm-test", "weight": 1},
  "pickupLocation": "my pickup", "dropOffLocation": "drop off"}'
id=$(echo "$body" | field deliveryId)
[ -n "$id" ] || fail "the answer names no delivery: $body"
say "accepted as $id"

call 200 "$GATEWAY/api/deliveries/$id"
case $(echo "$body" | field id) in "$id") say 'read back' ;; *) fail "the delivery read back is another one: $body" ;; esac

call 204 --request DELETE "$GATEWAY/api/deliveryrequests/$id"
say 'cancelled'
