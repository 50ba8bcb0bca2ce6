"""What Schemathesis cannot make up: ids of things that are there, proofs of who asks, signatures.

Each operation has a request that succeeds, asked of fixtures.ts. Valid parts of what Schemathesis generated are given
its ids; parts that are wrong on purpose, and the parameter that a case is about, stay as they are. Schemathesis looks
at every case again after `before_call`, so what we change is judged by what was sent. Each thing done here has its
reason in exceptions.ts.
"""

import judging  # noqa: F401 (registers itself)
import schemathesis
from bodies import complete_body
from cases import cuts_own_branch, is_along_links, is_left, is_valid, needed, overlay
from queries import complete_query
from schemathesis.core.parameters import ParameterLocation as At
from told import fixture_of, forget, id_of, succeeded


@schemathesis.auth(refresh_interval=None)
class Proof:
    def get(self, case, context):
        return fixture_of(id_of(case))["proof"] or None

    def set(self, case, proof, context):
        prove(case, proof)


def prove(case, proof):
    if "authorization" in proof:
        case.headers["Authorization"] = proof["authorization"]
    elif "oauth_token" in proof:
        case.query["oauth_token"] = proof["oauth_token"]


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None:
        return
    operation_id = id_of(case)
    if is_valid(case, At.QUERY):
        complete_query(case, operation_id)
    if is_along_links(case) and is_valid(case, At.HEADER):
        case.headers.pop("Idempotency-Key", None)
    if is_left(case) and not cuts_own_branch(case):
        complete_body(case, operation_id, None)
        return
    fixture = fixture_of(operation_id)
    if case._has_explicit_auth:
        prove(case, fixture["proof"])
    overlay(case, At.PATH, fixture["params"])
    overlay(case, At.QUERY, needed(case, At.QUERY, fixture["query"]))
    overlay(case, At.HEADER, needed(case, At.HEADER, fixture["headers"]))
    complete_body(case, operation_id, fixture)


@schemathesis.hook
def after_call(context, case, response):
    """What was used up must be made again: anything that was written to, that is gone or has run out."""
    valid = case.meta is None or case.meta.generation.mode.is_positive
    if valid and response.status_code < 400:
        succeeded.add(id_of(case))
    refused = response.status_code >= 400 and (valid or response.status_code not in (400, 403, 405, 413, 415))
    if refused or (case.method.upper() != "GET" and response.status_code < 400):
        forget(id_of(case))
