"""Makes valid what a query says, where its schema cannot."""

from schemathesis.core.parameters import ParameterLocation as At
from schemathesis.generation.meta import TestPhase

from cases import is_along_links, is_tested, is_valid
from told import PLACE, fixture_of, uses


def complete_query(case, operation_id):
    query = case.query
    if operation_id in PLACE["streams"] and not is_tested(case, At.QUERY, "follow"):
        uses["follow"] += 1
        query["follow"] = "false"
    if "cursor" in query:
        uses["cursor"] += 1
        query["cursor"] = PLACE["cursor"]
    if operation_id == "followEvents" and case.meta.phase.name != TestPhase.FUZZING:
        for container, name in ((query, "since"), (case.headers, "Last-Event-ID")):
            if name in container and is_valid(case, At.HEADER):
                uses["cursor"] += 1
                container[name] = PLACE["event"]
    if is_along_links(case) and case.method.upper() == "GET":
        known = case.operation.query
        for name in [name for name in query if (p := known.get(name)) is not None and not p.is_required]:
            uses["lists"] += name != "follow"
            if name != "follow":
                del query[name]
    if "period" in query and ("from" in query or "to" in query):
        uses["period"] += 1
        query.pop("from", None)
        query.pop("to", None)
    mend_days(query, operation_id == "getDownloadAnalytics")
    if operation_id == "authorizeApplication":
        uses["client"] += 1
        query.pop("redirect_uri", None)
        query["client_id"] = fixture_of(operation_id)["query"]["client_id"]


def mend_days(query, spans):
    """`spans` where the days between the two are counted, and today stands for the one that is left out."""
    before = dict(query)
    for name in ("from", "to"):
        if str(query.get(name, "")).startswith("0000"):
            query[name] = "2024" + query[name][4:]
    if "from" in query and "to" in query and query["from"] > query["to"]:
        query["from"], query["to"] = query["to"], query["from"]
    if spans and "from" in query:
        query["to"] = query["from"]
    uses["order"] += query != before
