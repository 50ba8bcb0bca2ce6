#!/bin/sh
# Compares the line that a contract run prints last with totals that jq works out from the bundle, and sees to it that
# uncovered.txt has no line that the last commit did not have.
#   npm run contract | tee run.log; contract-tests/check-totals.sh run.log
set -eu
log=$1
cd "$(dirname "$0")/.."
case $log in /*) ;; *) log=$OLDPWD/$log ;; esac

set -- $(jq -r --rawfile uncovered contract-tests/uncovered.txt -f contract-tests/totals.jq generated/openapi.json)
expected="contract: $1 transactions, $1 passed, $2 operations, $2 covered, $3 error codes, $3 seen, $4 global errors, $4 seen"
printed=$(grep '^contract: ' "$log" | tail -n 1)
if [ "$printed" != "$expected" ]; then
  printf 'The contract run and the bundle differ.\n  printed:  %s\n  expected: %s\n' "$printed" "$expected" >&2
  exit 1
fi

if before=$(git show HEAD:contract-tests/uncovered.txt 2>/dev/null); then
  more=$(printf '%s\n' "$before" | grep -vxFf - contract-tests/uncovered.txt || true)
  if [ -n "$more" ]; then
    printf 'contract-tests/uncovered.txt may only shrink; these lines are new:\n%s\n' "$more" >&2
    exit 1
  fi
fi
echo "totals: $1 transactions, $2 operations, $3 error codes, $4 global errors: as the bundle says"
