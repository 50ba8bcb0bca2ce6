"""Makes valid what a body says, where its schema cannot."""

import datetime
import hashlib

import requests
from schemathesis.core.parameters import ParameterLocation as At

from cases import is_along_links, is_tested, is_valid, overlay
from told import PLACE, ask, fixture_of, uses


def complete_body(case, operation_id, fixture):
    if not is_valid(case, At.BODY):
        return
    if operation_id in PLACE["signed"]:
        sign(case, operation_id)
    elif operation_id in PLACE["raw"]:
        complete_bytes(case)
    elif operation_id in PLACE["whole"]:
        uses["whole"] += 1
        fixture = fixture or fixture_of(operation_id)
        case.body = fixture.get("json") or fixture["form"]
    elif isinstance(case.body, dict):
        for name in PLACE["references"].get(operation_id, []) if fixture else []:
            if name in fixture["json"]:
                case.body[name] = fixture["json"][name]
            else:
                case.body.pop(name, None)
        if fixture is None and operation_id == "createBuildRequest":
            # Not every project that a link leads to has something to publish.
            case.body.pop("publish", None)
        unique = PLACE["unique"].get(operation_id)
        if unique and is_along_links(case):
            uses["unique"] += 1
            case.body.pop(unique, None)
            case.body.update((name, value) for name, value in fixture_of(operation_id)["json"].items() if name == unique)
        mend_body(case, operation_id)
        mend_texts(case.body, PLACE["grammars"].get(operation_id, {}))


def complete_bytes(case):
    uses["raw"] += 1
    if not body_of(case):
        case.body = "0"
    if "sha256" in case.path_parameters and is_valid(case, At.PATH) and not is_tested(case, At.PATH, "sha256"):
        case.path_parameters["sha256"] = hashlib.sha256(body_of(case)).hexdigest()


def mend_body(case, operation_id):
    body = case.body
    for name, hours in (("expiresAt", 1), ("purchasedAt", -1)):
        if name in body:
            uses["clock"] += 1
            then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
            body[name] = then.strftime("%Y-%m-%dT%H:%M:%SZ")
    for one, other in PLACE["choices"].get(operation_id, []):
        if (one in body) == (other in body):
            uses["choice"] += 1
            body.pop(other, None)
            body[one] = fixture_of(operation_id)["json"][one]
    if ("amount" in body) != ("currency" in body):
        uses["currency"] += 1
        body.setdefault("amount", 100)
        body.setdefault("currency", "EUR")
    if operation_id == "updateIntegration":
        made_here = case.path_parameters.get("vendor") == "vibracartpro"
        uses["secret"] += ("secret" in body) == made_here
        if made_here:
            body.pop("secret", None)
        else:
            body.setdefault("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


def mend_texts(body, grammars):
    """Puts a right value where there is one that only a parser could tell from a wrong one."""
    for name in ("name", "command"):
        if isinstance(body.get(name), str) and not body[name].strip():
            uses["blank"] += 1
            body[name] = "x"
    for name, right in grammars.items():
        if name in body and body[name] != right:
            uses["grammar"] += 1
            body[name] = right


def body_of(case):
    sent = case.as_transport_kwargs(base_url=PLACE["url"])
    body = requests.Request("POST", PLACE["url"], json=sent.get("json"), data=sent.get("data")).prepare().body or b""
    return body if isinstance(body, bytes) else body.encode()


def sign(case, operation_id):
    uses["signed"] += 1
    signed = ask(operation_id, body_of(case))
    overlay(case, At.PATH, signed["params"])
    overlay(case, At.QUERY, signed["query"])
    overlay(case, At.HEADER, signed["headers"])
