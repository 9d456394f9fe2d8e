#!/usr/bin/env bash
# make test: builds everything once, then runs the test projects under tests/.
# The last line is always: N passed, N failed, N skipped. The exit code is 0 only when tests ran and none failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

CONFIGURATION=Debug
RESULTS=artifacts/test-results
LIMIT=2400 # seconds for one test project, twice what the longest takes: a test that hangs is a failure, not a wait
passed=0 failed=0 skipped=0

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  exit "$1"
}

# What failed and why, once more, where the end of a long log shows it.
failures() {
  for log in "$RESULTS"/*.log; do
    [[ -e $log ]] || continue
    sed 's/\x1b\[[0-9;]*m//g' "$log" | awk '
      /^failed / { print; left = 12; next }
      !/^ / || /^ *at / { left = 0 }
      left > 0 { print; left-- }'
  done
}

# Stops before any test ran: nothing passed, and the run itself counts as the failure.
stop() {
  echo "make test: $1" >&2
  failed=$((failed + 1))
  finish 1
}

# count <attribute> <file>: the number that a TRX file's <Counters> line gives for the attribute; 0 when it gives none.
count() {
  local number
  number=$(grep -o '<Counters [^>]*' "$2" | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+')
  echo "${number:-0}"
}

command -v dotnet >/dev/null || stop 'dotnet is not installed; install the .NET SDK that global.json names.'
if [[ -n ${ONLY:-} && ! -d tests/$ONLY ]]; then
  stop "there is no test project tests/$ONLY; choose one of: $(cd tests && echo *.Tests)."
fi
case ${FAST:-} in '' | 0 | 1) ;; *) stop "FAST is '$FAST'; set it to 1 to leave out the slow tests, or leave it out." ;; esac

echo "make test: builds everything and runs ${ONLY:-every test project}${FAST:+ without the slow tests}."
rm -rf "$RESULTS"
mkdir -p "$RESULTS"

restore=()
[[ ${CI:-} == true ]] && restore=(--locked-mode)
dotnet restore Orleans.sln --verbosity quiet "${restore[@]}" || stop 'the packages could not be restored.'
dotnet build Orleans.sln --no-restore --configuration "$CONFIGURATION" --verbosity quiet --nologo || stop 'the build failed.'

# The chart tests run the real Helm.
if [[ -z ${ONLY:-} || $ONLY == Deployment.Tests ]]; then
  tools/get-helm.sh || stop 'Helm, which the chart tests need, could not be fetched.'
fi
# Other sites' pages are tried in a real browser.
if [[ -z ${ONLY:-} || $ONLY == Gateway.Tests ]]; then
  tools/get-chromium.sh || stop 'Chromium, which the gateway tests need, could not be installed.'
fi
if [[ ${FAST:-} != 1 && ( -z ${ONLY:-} || $ONLY == Cluster.Tests ) ]]; then
  tools/get-iproute.sh || stop 'iproute2, which the network faults need, could not be installed.'
fi

options=()
[[ ${FAST:-} == 1 ]] && options+=(--filter-not-trait 'Category=Slow')

# run <project>: its tests, with the exit code in a file.
run() {
  local show=()
  echo "--- $1"
  # What each fault cost is for people to see.
  [[ $1 == Cluster.Tests ]] && show=(--show-live-output on)
  # Exit code 8 means that no test matched, which is right for a project whose tests are all slow.
  timeout --kill-after=10 "$LIMIT" "$(program "$1")" --results-directory "$RESULTS" --report-trx --report-trx-filename "$1.trx" \
    --ignore-exit-code 8 --progress off "${options[@]}" "${show[@]}" 2>&1
  echo $? >"$RESULTS/$1.code"
}

program() { echo "tests/$1/bin/$CONFIGURATION/net10.0/DroneDelivery.$1"; }

projects=()
folders=(tests/*.Tests)
[[ -n ${ONLY:-} ]] && folders=("tests/$ONLY")
# The longest first, so that two at a time end together.
[[ ${FAST:-} == 1 ]] && mapfile -t folders < <(printf '%s\n' "${folders[@]}" | sort --reverse)
for folder in "${folders[@]}"; do
  name=$(basename "$folder")
  if [[ ! -x $(program "$name") ]]; then
    echo "make test: $(program "$name") was not built; is $name part of Orleans.sln?" >&2
    failed=$((failed + 1))
    continue
  fi

  projects+=("$name")
  if [[ ${FAST:-} == 1 ]]; then
    # Fast tests mostly wait, so two projects go at a time; what a slow one measures wants the machine for itself.
    (($(jobs -rp | wc -l) < 2)) || wait -n
    { run "$name" >"$RESULTS/$name.log"; cat "$RESULTS/$name.log"; } &
  else
    run "$name" | tee "$RESULTS/$name.log"
  fi
done
wait

for name in "${projects[@]}"; do
  code=$(<"$RESULTS/$name.code")
  report=$RESULTS/$name.trx
  if [[ ! -s $report ]]; then
    echo "make test: $name ended with exit code $code and left no report (124 and 137: it hung for $LIMIT s and was ended)." >&2
    failed=$((failed + 1))
    continue
  fi
  total=$(count total "$report")
  good=$(count passed "$report")
  bad=$(($(count failed "$report") + $(count error "$report") + $(count timeout "$report") + $(count aborted "$report")))
  passed=$((passed + good))
  failed=$((failed + bad))
  skipped=$((skipped + total - good - bad))
  if ((code != 0 && bad == 0)); then
    echo "make test: $name ended with exit code $code although its report shows no failure." >&2
    failed=$((failed + 1))
  fi
done

((passed + failed + skipped > 0)) || echo 'make test: no test ran.' >&2
failures
if ((failed == 0 && passed > 0)); then finish 0; else finish 1; fi
