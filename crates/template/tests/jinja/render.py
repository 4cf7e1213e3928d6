"""Renders templates with Jinja2, with autoescape on.

Reads [[template, [value of x, …]], …] as JSON from stdin, and writes [[page, …], …] to stdout.
"""

import json
import sys

from jinja2 import Environment

environment = Environment(autoescape=True)
questions = json.load(sys.stdin)
pages = []
for template, values in questions:
    loaded = environment.from_string(template)
    pages.append([loaded.render(x=value) for value in values])
json.dump(pages, sys.stdout)
