"""Renders pages and expressions with Jinja2, set up as Flask does.

Reads {"values": …, "expressions": […], "pages": [[sources by name, name], …]} as JSON from stdin; writes the same lists, rendered.
What raises an error gives null.
"""

import datetime
import json
import sys

from flask import Flask, render_template_string
from jinja2 import DictLoader, TemplateError


def revived(value):
    if isinstance(value, dict) and list(value) == ["$datetime"]:
        return datetime.datetime.fromisoformat(value["$datetime"])
    return value


asked = json.load(sys.stdin, object_hook=revived)
app = Flask("comparison", static_folder=None)


def rendered(render):
    try:
        return render()
    except Exception as error:
        if asked.get("verbose"):
            print(type(error).__name__, error, file=sys.stderr)
        return None


def page(sources, name):
    app.jinja_env.loader = DictLoader(sources)
    app.jinja_env.cache.clear()
    return app.jinja_env.get_template(name).render(**asked["values"])


with app.app_context():
    json.dump(
        {
            "expressions": [
                rendered(lambda: app.jinja_env.from_string("{{ " + text + " }}").render(**asked["values"]))
                for text in asked["expressions"]
            ],
            "pages": [rendered(lambda: page(sources, name)) for sources, name in asked["pages"]],
        },
        sys.stdout,
    )
