"""What a case is about, and which parts of it may be replaced."""

import zlib

from schemathesis.generation.meta import CoveragePhaseData, TestPhase

from told import PLACE, uses


def is_tested(case, location, name):
    """Whether the case is about this very parameter."""
    data = case.meta.phase.data
    return isinstance(data, CoveragePhaseData) and data.parameter_location == location and data.parameter == name


def is_valid(case, location):
    return not case.meta.is_negative_at(location)


def is_along_links(case):
    return case.meta.phase.name == TestPhase.STATEFUL


def is_left(case):
    """What follows a link keeps the ids that it got, and a quarter of what fuzzing makes up those that it made up."""
    if is_along_links(case):
        return bool(case._override.path_parameters)
    if case.meta.phase.name != TestPhase.FUZZING:
        return False
    seed = repr((sorted(case.path_parameters.items(), key=str), case.body)).encode("utf-8", "surrogatepass")
    return zlib.crc32(seed) % 4 == 0


def cuts_own_branch(case):
    """Whether it would change what every other case stands on, of which Schemathesis learnt from a list."""
    cuts = case.method.upper() != "GET" and not set(PLACE["kept"]).isdisjoint(map(str, case.path_parameters.values()))
    uses["branch"] += cuts
    return cuts


def overlay(case, location, values):
    container = case.get_container(location)
    if not is_valid(case, location) or not hasattr(container, "items"):
        return
    for name, value in values.items():
        if not is_tested(case, location, name):
            uses["fixtures"] += 1
            container[name] = value


def needed(case, location, values):
    """The parameters that must be there, or that the document promises nothing about, such as a cookie."""
    known = case.operation.get_parameter_set(location)
    return {name: value for name, value in values.items() if (p := known.get(name)) is None or p.is_required}
