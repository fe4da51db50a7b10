"""formats.py json|sarif FILE: the document of formats.test is what it should be."""

import json
import sys


def check_json(document):
    files = {file["file"]: file for file in document["files"]}
    assert list(files) == ["proved.pto", "PTL203.pto", "PTL220.pto", "PTL230.pto", "cut off.pto",
                           "none.pto"]
    assert [file["read"] for file in files.values()] == [True] * 4 + [False] * 2
    assert document["totals"] == {"functions": 4, "proved": 1, "with_findings": 2,
                                  "not_followed": 1, "without_tiles": 0, "unread_files": 2,
                                  "empty_files": 0, "with_allowed_findings_only": 0,
                                  "allowed_findings": 0}
    function, = files["proved.pto"]["functions"]
    assert function["name"] == "k" and function["verdict"] == "proved" and function["level"] == 3
    assert function["spaces"][0] == {"space": "mat", "peak_bytes": 5120, "live_bytes": 5120,
                                     "capacity_bytes": 524288, "percent": 0.9}
    assert files["proved.pto"]["findings"] == []
    finding, = files["PTL203.pto"]["findings"]
    assert finding["code"] == "PTL203" and finding["severity"] == "error"
    assert finding["function"] == "k" and finding["line"] > 1 and finding["column"] == 5
    note, = finding["notes"]
    assert note["message"] == "it was overwritten here, where %y is loaded" and note["line"] < finding["line"]
    severities = {name: {f["severity"] for f in file["findings"]} for name, file in files.items()}
    assert severities == {"proved.pto": set(), "PTL203.pto": {"error"}, "PTL220.pto": {"warning"},
                          "PTL230.pto": {"remark"}, "cut off.pto": {"error"}, "none.pto": set()}


def check_location(location):
    physical = location["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    assert uri and not set(uri) & set(" <>\\"), uri
    region = physical.get("region")
    assert region is None or (region["startLine"] >= 1 and region["endColumn"] > region["startColumn"] >= 1)
    return uri


def check_result(result, rules):
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in ("error", "warning", "note")
    assert result["message"]["text"]
    location, = result["locations"]
    for number, related in enumerate(result.get("relatedLocations", []), 1):
        assert related["id"] == number and related["message"]["text"]
        check_location(related)
    return result["ruleId"], check_location(location)


def check_sarif(document):
    assert document["version"] == "2.1.0" and document["$schema"].endswith("sarif-2.1.0.json")
    run, = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "ptolower" and driver["version"]
    rules = driver["rules"]
    identifiers = [rule["id"] for rule in rules]
    assert len(set(identifiers)) == len(identifiers) and "PTL201" in identifiers
    for rule in rules:
        assert rule["name"].isalnum()
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    mixed_sum, = (rule for rule in rules if rule["id"] == "PTL208")
    assert mixed_sum["name"] == "MixedSum" and mixed_sum["defaultConfiguration"]["level"] == "error"
    assert mixed_sum["shortDescription"]["text"].startswith("An accumulator holds one product")
    assert mixed_sum["fullDescription"]["text"] == "the accumulator holds parts of several products, or not all of one"
    assert mixed_sum["help"]["text"] == "begin each product with tmatmul; load each K chunk once"
    unread, = (rule for rule in rules if rule["id"] == "PTL010")
    assert unread["name"] == "NotMlir" and unread["defaultConfiguration"]["level"] == "error"
    found = {check_result(result, rules) for result in run["results"]}
    assert found == {("PTL203", "PTL203.pto"), ("PTL220", "PTL220.pto"), ("PTL230", "PTL230.pto"),
                     ("PTL231", "PTL230.pto"),
                     ("PTL010", "cut%20off.pto")}, found
    clobbered, = (result for result in run["results"] if result["ruleId"] == "PTL203")
    assert clobbered["locations"][0]["logicalLocations"] == [{"name": "k", "kind": "function"}]
    assert len(clobbered["relatedLocations"]) == 1
    invocation, = run["invocations"]
    assert invocation["executionSuccessful"] is False
    failure, = invocation["toolExecutionNotifications"]
    assert check_location(failure["locations"][0]) == "none.pto"


with open(sys.argv[2]) as file:
    {"json": check_json, "sarif": check_sarif}[sys.argv[1]](json.load(file))
