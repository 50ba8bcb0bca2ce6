"""What main.ts tells us, what we ask of it while running, and what we tell it at the end."""

import atexit
import collections
import json
import os
import threading
import urllib.request

PLACE = json.loads(os.environ["SCHEMATHESIS_PLACE"])

uses = collections.Counter()
checks = collections.Counter()
succeeded = set()
current = {}
lock = threading.Lock()


@atexit.register
def tell():
    with open(PLACE["told"], "w") as file:
        json.dump({"uses": uses, "checks": checks, "succeeded": sorted(succeeded)}, file)


def ask(operation_id, body=None):
    request = urllib.request.Request(f"{PLACE['fixtures']}/{operation_id}", data=body)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def id_of(case):
    return case.operation.definition.raw["operationId"]


def fixture_of(operation_id):
    """The same one until it is used up."""
    with lock:
        if operation_id not in current:
            current[operation_id] = ask(operation_id)
        return current[operation_id]


def forget(operation_id):
    with lock:
        current.pop(operation_id, None)
