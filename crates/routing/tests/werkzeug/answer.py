"""Asks Werkzeug what Flagon's tests ask Flagon.

Reads a JSON list of tables (rules with questions) from stdin and writes the list of
answers to stdout. tests/it/questions.rs describes both.
"""

import json
import sys
import uuid
import warnings

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map, RequestRedirect, Rule

warnings.simplefilter("ignore")


class Slug(BaseConverter):
    regex = "[a-z]+(?:-[a-z]+)*"


class Digits(BaseConverter):
    weight = 40

    def __init__(self, map, count):
        super().__init__(map)
        self.regex = "[0-9]{%d}" % count


class Folders(BaseConverter):
    regex = "[a-z]+?(?:/[a-z]+?)*?"
    weight = 150


CONVERTERS = {"slug": Slug, "digits": Digits, "folders": Folders}
RULE_OPTIONS = (
    "endpoint", "methods", "defaults", "subdomain", "host", "strict_slashes",
    "merge_slashes", "redirect_to", "alias", "build_only",
)
MAP_OPTIONS = (
    "strict_slashes", "merge_slashes", "redirect_defaults", "default_subdomain",
    "sort_parameters",
)


def make_map(table):
    options = {name: table[name] for name in MAP_OPTIONS if name in table}
    host_matching = table.get("hosts") == "whole"
    rules = []
    for number, rule in enumerate(table["rules"]):
        rule = {"rule": rule} if isinstance(rule, str) else rule
        rule = Rule(rule["rule"], **{name: rule[name] for name in RULE_OPTIONS if name in rule})
        rule.number = number
        rules.append(rule)
    return Map(rules, converters=CONVERTERS, host_matching=host_matching, **options)


def bind(url_map, table, host, **more):
    server, subdomain = host, None
    if table.get("hosts") == "subdomains":
        server = "example.com"
        if host == server:
            subdomain = ""
        elif host.endswith("." + server):
            subdomain = host[: -len(server) - 1]
        else:
            subdomain = "<invalid>"
    return url_map.bind(server, table.get("root"), subdomain, **more)


def plain(value):
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    return value


def find(url_map, table, question):
    host = question.get("host", "example.com")
    adapter = bind(url_map, table, host, query_args=question.get("query"))
    try:
        rule, values = adapter.match(question["path"], question["method"], return_rule=True)
        return {"rule": rule.number, "values": {k: plain(v) for k, v in values.items()}}
    except RequestRedirect as redirect:
        return {"redirect": redirect.new_url}
    except MethodNotAllowed as error:
        return {"allowed": sorted(error.valid_methods)}
    except NotFound:
        return "not found"
    except Exception:
        return "error"


def allowed(url_map, table, question):
    adapter = bind(url_map, table, question.get("host", "example.com"))
    return sorted(adapter.allowed_methods(question["path"]))


def build(url_map, table, question):
    scheme = question.get("scheme")
    adapter = bind(
        url_map, table, question.get("host", "example.com"),
        default_method=question.get("request_method", "GET"),
    )
    try:
        return adapter.build(
            question["endpoint"],
            question.get("values", {}),
            method=question.get("method"),
            force_external=question.get("external", False),
            append_unknown=question.get("append_unknown", True),
            url_scheme=scheme,
        )
    except Exception:
        return "error"


def answer(table):
    try:
        url_map = make_map(table)
        url_map.update()
    except Exception:
        return {"accepted": False}
    return {
        "accepted": True,
        "find": [find(url_map, table, question) for question in table.get("find", ())],
        "allowed": [allowed(url_map, table, question) for question in table.get("allowed", ())],
        "build": [build(url_map, table, question) for question in table.get("build", ())],
    }


def main():
    # Recursion is Werkzeug's own way down a path.
    sys.setrecursionlimit(10_000)
    json.dump([answer(table) for table in json.load(sys.stdin)], sys.stdout)


main()
