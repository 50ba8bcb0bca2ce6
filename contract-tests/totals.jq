# The totals of the contract run, worked out from the bundle alone and without any code of ours:
#   jq -r --rawfile uncovered contract-tests/uncovered.txt -f contract-tests/totals.jq generated/openapi.json
# prints "T O E G": transactions (operation × status × media type × error code), operations, error codes, global errors.
. as $document
| def deref: if has("$ref") then . as $ref | $document | getpath($ref["$ref"] | ltrimstr("#/") | split("/")) | deref else . end;
  def one_at_least: if length == 0 then ["-"] else . end;
  ($uncovered | split("\n") | map(select(. != ""))) as $waived
| [ .paths[] | to_entries[] | select(.key | IN("get", "put", "post", "delete", "patch")) | .value ] as $operations
| [ $operations[] | . as $operation
    | .responses | to_entries[] | .key as $status
    | (.value | deref | .content // {} | keys | one_at_least[])
    | ($operation["x-error-codes"][$status] // [] | one_at_least[])
    | "\($operation.operationId) \($status) \(.)"
    | select(IN($waived[]) | not) ] as $transactions
| [ $operations[] | . as $operation
    | (.["x-error-codes"] // {}) | to_entries[] | .key as $status | .value[]
    | "\($operation.operationId) \($status) \(.)"
    | select(IN($waived[]) | not) ] as $codes
| "\($transactions | length) \($operations | length) \($codes | length) \(.["x-global-errors"] | map(length) | add)"
