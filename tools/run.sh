#!/usr/bin/env bash
# make run: silos, gateway and a simulated fleet on this machine, until Ctrl-C. Silos and the gateway that die are started again, as
# Kubernetes would. Only processes that this script started are ever ended, by their ids.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

PORT=${PORT:-8080}
SILOS=${SILOS:-1}
DRONES=${DRONES:-20}
SPEED=${SPEED:-60}
SEED=${SEED:-1}
DATA=${DATA:-.data}
COSMOS=${COSMOS:-}

readonly READY_SECONDS=60         # a process that is not ready by then has failed
readonly STOP_SECONDS=50          # above the silo's own shutdown limit; then it is killed
readonly MAX_RESTARTS=5           # of one process ...
readonly RESTART_WINDOW=60        # ... within so many seconds
readonly FIRST_PORT=15000 LAST_PORT=32000   # below the range of outgoing connections

# What this script says goes here; later, bash's own remarks about killed children go to a log instead.
exec 8>&2

fail() {
  echo "make run: $1" >&8
  exit 1
}

# whole <name> <value> <least> <greatest>
whole() {
  if [[ $2 =~ ^[0-9]{1,9}$ ]] && ((10#$2 >= $3 && 10#$2 <= $4)); then return; fi
  fail "$1 is '$2'; set it to a whole number from $3 to $4."
}

whole PORT "$PORT" 1 65535
whole SILOS "$SILOS" 1 9
whole DRONES "$DRONES" 0 10000
whole SEED "$SEED" 0 999999999
[[ $SPEED =~ ^[0-9]{1,4}(\.[0-9]{1,3})?$ && ! $SPEED =~ ^[0.]+$ ]] || fail "SPEED is '$SPEED'; set it to a number above 0 and below 10000, such as 60."
command -v dotnet >/dev/null || fail 'dotnet is not installed; install the .NET SDK that global.json names.'
command -v curl >/dev/null || fail 'curl is not installed; it is needed to see when the processes are ready.'

# Where the state is: a SQLite file in DATA, or the account that COSMOS names. With a key, what is missing there is made.
case $COSMOS in
  '') ;;
  *AccountEndpoint=*AccountKey=* | *AccountKey=*AccountEndpoint=*)
    store=(Storage__Provider=Cosmos "Storage__Cosmos__ConnectionString=$COSMOS" Storage__Cosmos__CreateResources=true)
    ;;
  http://* | https://*) store=(Storage__Provider=Cosmos "Storage__Cosmos__AccountEndpoint=$COSMOS") ;;
  *) fail "COSMOS is '$COSMOS'; set it to an endpoint such as https://name.documents.azure.com:443/ or to a connection string AccountEndpoint=…;AccountKey=…." ;;
esac
# An account on this machine is an emulator: it is reached by its one address, and its one replica never lags, whatever its consistency level.
[[ $COSMOS =~ //(127\.0\.0\.1|localhost|\[::1\])[:/] ]] &&
  store+=(Storage__Cosmos__ConnectionMode=Gateway Storage__Cosmos__LimitToEndpoint=true Storage__Cosmos__AcceptStaleReads=true)

mkdir -p "$DATA/logs" 2>/dev/null
[[ -w $DATA/logs ]] || fail "the folder DATA=$DATA cannot be made or written; choose another."
DATA=$(cd "$DATA" && pwd)
# With a file as its store this is local mode, where webhooks may lead to this machine.
webhooks=()
[[ -n $COSMOS ]] || webhooks=(Notifications__AllowLocalWebhooks=true)
[[ -n $COSMOS ]] || store=(Storage__Provider=Sqlite "Storage__Sqlite__Path=$DATA/drone-delivery.db")

# Wherever the store is, this is one machine: no authentication, loopback only.
store+=(Hosting__Mode=Local)

# taken <port>: somebody listens there on loopback.
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

taken "$PORT" && fail "port $PORT is in use; stop the program that uses it or choose another with PORT=…"

declare -A used=(["$PORT"]=1)

# free_port: sets REPLY to a port that nobody has, nor had it from this function.
free_port() {
  for _ in {1..200}; do
    REPLY=$((FIRST_PORT + RANDOM % (LAST_PORT - FIRST_PORT)))
    if [[ -z ${used[$REPLY]:-} ]] && ! taken "$REPLY"; then
      used[$REPLY]=1
      return
    fi
  done
  fail "no free port was found between $FIRST_PORT and $LAST_PORT."
}

# One run per data folder: two would give their silos the same ports and write the same logs.
exec 9>"$DATA/run.lock"
if command -v flock >/dev/null && ! flock --nonblock 9; then
  fail "another make run uses the data folder $DATA; stop it or choose another with DATA=…"
fi

echo "make run: $SILOS silo(s), gateway on port $PORT, $DRONES drone(s) at ${SPEED}x, data in $DATA. Building…"
projects=(Silo Gateway)
((DRONES > 0)) && projects+=(tools/FleetSimulator)
for project in "${projects[@]}"; do
  if ! dotnet build "$project" --configuration Release --verbosity quiet --nologo 8>&- 9>&- >"$DATA/logs/build.log" 2>&1; then
    cat "$DATA/logs/build.log" >&8
    fail "the build of $project failed."
  fi
done

# Ports are kept in the data folder, so that after a crash a silo comes back at the address of its dead predecessor.
ports_file=$DATA/ports
declare -A port
if [[ -r $ports_file ]]; then
  while read -r name number; do
    [[ $name =~ ^silo[1-9]-(health|silo|gateway)$ && $number =~ ^[0-9]{4,5}$ ]] || continue
    if [[ -z ${used[$number]:-} ]] && ! taken "$number"; then
      port[$name]=$number
      used[$number]=1
    fi
  done <"$ports_file"
fi
for ((i = 1; i <= SILOS; i++)); do
  for kind in health silo gateway; do
    if [[ -z ${port[silo$i-$kind]:-} ]]; then
      free_port
      port[silo$i-$kind]=$REPLY
    fi
  done
done
for name in "${!port[@]}"; do echo "$name ${port[$name]}"; done | sort >"$ports_file"

# Where it can be had: the processes stop even when this script is killed and cannot stop them.
guarded=()
command -v setpriv >/dev/null && setpriv --pdeathsig TERM true 2>/dev/null && guarded=(setpriv --pdeathsig TERM)

declare -A pid restarts
services=()
for ((i = 1; i <= SILOS; i++)); do services+=("silo$i"); done
services+=(gateway)

# launch <name> <environment…> <program> <arguments…>: in a group of its own, so that Ctrl-C reaches only this script.
launch() {
  local name=$1
  shift
  set -m
  "${guarded[@]}" env "$@" >>"$DATA/logs/$name.log" 2>&1 </dev/null 8>&- 9>&- &
  pid[$name]=$!
  set +m
}

start() {
  local name=$1
  case $name in
    silo*)
      launch "$name" "${store[@]}" "${webhooks[@]}" \
        "Orleans__Name=$name" "Orleans__Endpoints__SiloPort=${port[$name-silo]}" "Orleans__Endpoints__GatewayPort=${port[$name-gateway]}" \
        "ASPNETCORE_URLS=http://127.0.0.1:${port[$name-health]}" \
        Silo/bin/Release/net10.0/DroneDelivery.Silo --contentRoot "$PWD/Silo"
      ;;
    gateway)
      launch "$name" "${store[@]}" "ASPNETCORE_URLS=http://localhost:$PORT" \
        Gateway/bin/Release/net10.0/DroneDelivery.Gateway --contentRoot "$PWD/Gateway"
      ;;
    fleet)
      launch "$name" LC_ALL=C tools/FleetSimulator/bin/Release/net10.0/DroneDelivery.FleetSimulator \
        --gateway "http://localhost:$PORT" --interval 1 --drones "$DRONES" --speed "$SPEED" --seed "$SEED" --state "$DATA/fleet.json"
      ;;
  esac
}

alive() { [[ -n ${pid[$1]:-} ]] && kill -0 "${pid[$1]}" 2>/dev/null; }

health() {
  case $1 in
    silo*) echo "http://127.0.0.1:${port[$1-health]}/health/ready" ;;
    gateway) echo "http://localhost:$PORT/health/ready" ;;
  esac
}

ready() { curl --silent --fail --max-time 2 --output /dev/null "$(health "$1")"; }

# end <name>: asks the process to stop, and kills it when it does not within the limit.
end() {
  local name=$1 limit=$((SECONDS + STOP_SECONDS))
  alive "$name" || return 0
  echo "Stopping $name"
  kill -TERM "${pid[$name]}" 2>/dev/null
  while alive "$name"; do
    if ((SECONDS >= limit)); then
      echo "make run: $name did not stop within $STOP_SECONDS s and is killed." >&8
      kill -KILL "${pid[$name]}" 2>/dev/null
    fi
    sleep 0.1
  done
  wait "${pid[$name]}" 2>/dev/null
}

stopping=
stop_all() {
  [[ -z $stopping ]] || return 0
  stopping=1
  # A second Ctrl-C must not leave processes behind.
  trap '' INT TERM HUP
  end fleet
  end gateway
  local i
  for ((i = SILOS; i >= 1; i--)); do end "silo$i"; done
  echo "Stopped. The data stays in ${COSMOS:+the account and in }$DATA."
}

trap 'stop_all; exit 0' INT TERM HUP
trap stop_all EXIT

# give_up <sentence>: with the last words of the process, if any.
give_up() {
  [[ -z ${2:-} ]] || tail -n 5 "$DATA/logs/$2.log" >&8
  fail "$1"
}

# await <name>: until it is ready.
await() {
  local limit=$((SECONDS + READY_SECONDS))
  until ready "$1"; do
    alive "$1" || give_up "$1 ended before it was ready; see $DATA/logs/$1.log." "$1"
    ((SECONDS < limit)) || give_up "$1 was not ready within $READY_SECONDS s; see $DATA/logs/$1.log." "$1"
    sleep 0.1
  done
}

for name in "${services[@]}"; do : >"$DATA/logs/$name.log"; done
for ((i = 1; i <= SILOS; i++)); do start "silo$i"; done
for ((i = 1; i <= SILOS; i++)); do await "silo$i"; done
start gateway
await gateway
if ((DRONES > 0)); then
  : >"$DATA/logs/fleet.log"
  start fleet
  services+=(fleet)
fi

url=http://localhost:$PORT
cat <<TEXT

Ready after $SECONDS s.
  API        $url/api
  Reference  $url/scalar
  OpenAPI    $url/openapi/v1.json
  Dashboard  $url/dashboard
  Data       $DATA (logs in $DATA/logs)
  Processes  $(for name in "${services[@]}"; do printf '%s %s  ' "$name" "${pid[$name]}"; done)
Try kill -9 on one of them: it comes back. Ctrl-C stops everything.
TEXT

# again <name>: restarts a process that died, unless it dies too often.
again() {
  local name=$1 code=0 now=$SECONDS kept=() time
  wait "${pid[$name]}" 2>/dev/null || code=$?
  for time in ${restarts[$name]:-}; do ((now - time < RESTART_WINDOW)) && kept+=("$time"); done
  ((${#kept[@]} < MAX_RESTARTS)) ||
    give_up "$name died $((MAX_RESTARTS + 1)) times within $RESTART_WINDOW s, last with exit code $code; see $DATA/logs/$name.log." "$name"
  restarts[$name]="${kept[*]} $now"
  start "$name"
  echo "$name died with exit code $code and was started again as process ${pid[$name]}"
}

exec 2>>"$DATA/logs/run.log"
while true; do
  for name in "${services[@]}"; do
    alive "$name" || again "$name"
  done
  sleep 0.5
done
