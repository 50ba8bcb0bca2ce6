"""Our own checks, the failures that are none, and how answers are read that are no JSON."""

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation as At
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, coverage_scenario
from schemathesis.openapi.checks import UndefinedStatusCode, UseAfterFree
from schemathesis.specs.openapi._auth_retry import get_security_parameters, remove_auth, send_probe

from cases import is_valid
from told import PLACE, checks, id_of, uses

CONDITIONAL = {"If-None-Match", "If-Range", "Range"}
asked_as_stranger = set()


@schemathesis.check
def field_acceptance(ctx, response, case):
    """positive_data_acceptance takes any 403 for a question of rights; some of ours name a wrong field."""
    checks.update(check.__name__ for check in ctx.internals.checks)
    if response.status_code != 403 or case.meta is None or case.meta.generation.mode.is_negative:
        return
    if "json" not in response.headers["content-type"][0]:
        return
    codes = {code for codes in response.json()["error"].values() for code in codes}
    if codes & {"is_blank", "invalid_format", "unknown_field"} and not is_probe(case):
        raise AssertionError(f"valid fields were refused: {response.text}")


def is_probe(case):
    return coverage_scenario(case) in REQUEST_SHAPE_PROBES


@schemathesis.check
def stranger_gets_nothing(ctx, response, case):
    """object_level_authorization takes one credential for all operations; ours differ. So: nobody else's user reads it."""
    security = case.operation.definition.raw.get("security", [])
    if case.method.upper() != "GET" or not case.path_parameters or not any("apiKey" in one for one in security):
        return
    operation_id = id_of(case)
    if response.status_code != 200 or operation_id in asked_as_stranger:
        return
    asked_as_stranger.add(operation_id)
    probe = remove_auth(case, get_security_parameters(case.operation))
    probe.headers["Authorization"] = PLACE["stranger"]
    answer = send_probe(ctx, case, probe)
    if answer.status_code != 404:
        raise AssertionError(f"a user of another organisation was answered {answer.status_code}")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, UndefinedStatusCode) and failure.status_code == 431 and case.meta.generation.mode.is_negative:
        uses["too_large"] += 1
        return False
    if isinstance(failure, AcceptedNegativeData) and negated(case) and negated(case) <= CONDITIONAL:
        uses["conditional"] += 1
        return False
    if isinstance(failure, UseAfterFree) and id_of(case) == "getDownloadToken" and '"revoked"' in response.text:
        uses["revoked"] += 1
        return False
    return True


def negated(case):
    """The parameters that are wrong on purpose; empty where anything but a header is."""
    if any(not is_valid(case, at) for at in (At.PATH, At.QUERY, At.COOKIE, At.BODY)):
        return set()
    data = case.meta.phase.data
    names = {data.parameter, *(mutation.parameter for mutation in data.mutations)} - {None}
    return names if not is_valid(case, At.HEADER) else set()


@schemathesis.deserializer("application/javascript", "text/javascript", "text/html", "text/csv", "application/x-ndjson")
def text(context, response):
    return response.content.decode()


@schemathesis.deserializer("application/zip", "application/octet-stream")
def binary(context, response):
    return response.content.decode("latin-1")
