"""The apps of tests/it/parity/apps.rs, written for Flask.

Reads requests as JSON from stdin, asks them of Flask's own test client, and writes what came as JSON to stdout.
"""

import datetime
import json
import logging
import os
import sys

import flask
from flask import Blueprint, Flask, Response, abort, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

trace = []


class Boom(Exception):
    pass


def step(name):
    trace.append(name)
    if request.args.get("fail") == name:
        raise Boom(name)
    if request.args.get("abort") == name:
        abort(409)
    if request.args.get("early") == name:
        return "early " + name


def add_hooks(scaffold, of):
    def before(name):
        return lambda: step(name)

    def after(name):
        def hook(response):
            early = step(name)
            return response if early is None else flask.make_response(early)

        return hook

    def teardown(name):
        return lambda error: trace.append(name + "(" + ("nothing" if error is None else "error") + ")")

    for number in ("1", "2"):
        scaffold.before_request(before(of + ".before" + number))
        scaffold.after_request(after(of + ".after" + number))
        scaffold.teardown_request(teardown(of + ".teardown" + number))


def view(name):
    def run():
        if request.args.get("later"):

            @flask.after_this_request
            def later(response):
                step("later")
                return response

        return step(name) or "view " + name

    return run


def hooks():
    app = Flask("hooks")
    add_hooks(app, "app")
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    add_hooks(outer, "outer")
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    add_hooks(inner, "inner")
    app.add_url_rule("/", "view", view("view"))
    outer.add_url_rule("/", "view", view("view"))
    inner.add_url_rule("/", "view", view("view"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app


def errors():
    app = Flask("errors")

    def add_views(scaffold):
        @scaffold.get("/abort/<int:code>")
        def stop(code):
            abort(code)

        @scaffold.get("/value")
        def value():
            raise ValueError("value")

        @scaffold.get("/key")
        def key():
            raise KeyError("key")

    app.register_error_handler(404, lambda e: ("app 404", 404))
    app.register_error_handler(500, lambda e: ("app 500", 500))
    app.register_error_handler(ValueError, lambda e: ("app value", 422))
    app.register_error_handler(HTTPException, lambda e: (f"app any {e.code}", e.code))
    app.teardown_request(lambda error: trace.append("nothing" if error is None else "error"))
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    outer.register_error_handler(404, lambda e: ("outer 404", 404))
    outer.register_error_handler(409, lambda e: ("outer 409", 409))
    outer.register_error_handler(ValueError, lambda e: ("outer value", 422))

    def fails(e):
        raise KeyError("a handler fails")

    def aborts(e):
        abort(404)

    outer.register_error_handler(403, fails)
    outer.register_error_handler(410, aborts)
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    inner.register_error_handler(409, lambda e: ("inner 409", 200))
    for scaffold in (app, outer, inner):
        add_views(scaffold)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app


def bare():
    """No handler at all."""
    app = Flask("bare")
    app.teardown_request(lambda error: trace.append("nothing" if error is None else "error"))

    @app.get("/abort/<int:code>")
    def stop(code):
        abort(code)

    @app.get("/value")
    def value():
        raise ValueError("value")

    return app


def routing():
    app = Flask("routing")

    def told(**values):
        path = ",".join(f"{name}={value}" for name, value in sorted(values.items()))
        return f"{request.method} {request.endpoint} {request.blueprint} {path}"

    app.add_url_rule("/", "index", told)
    app.add_url_rule("/about/", "about", told, methods=["GET", "POST"])
    app.add_url_rule("/leaf", "leaf", told)
    app.add_url_rule("/lax/", "lax", told, strict_slashes=False)
    app.add_url_rule("/post", "post", told, methods=["POST"])
    app.add_url_rule("/options", "options", told, methods=["OPTIONS"])
    app.add_url_rule("/pages/", "pages", told, defaults={"page": 1})
    app.add_url_rule("/pages/<int:page>", "pages", told)
    app.add_url_rule("/any/<path:rest>", "any", told)
    app.add_url_rule("/text/<name>", "text", told)

    def urls():
        def url(name):
            try:
                return url_for(name)
            except BuildError:
                return "none"

        names = (".index", "index", "one.index", "two.index", ".child.index", "one.child.index", ".other")
        return " ".join(url(name) for name in names)

    part = Blueprint("part", __name__)
    part.add_url_rule("/", "index", told)
    part.add_url_rule("/urls", "urls", urls)
    child = Blueprint("child", __name__, url_prefix="/child")
    child.add_url_rule("/", "index", told)
    child.add_url_rule("/urls", "urls", urls)
    part.register_blueprint(child)
    app.add_url_rule("/urls", "urls", urls)
    app.register_blueprint(part, name="one", url_prefix="/one")
    app.register_blueprint(part, name="two", url_prefix="/two/<lang>/")

    def built():
        def url(*args, **kwargs):
            try:
                return url_for(*args, **kwargs)
            except BuildError:
                return "none"

        return "\n".join(
            (
                url("pages", page=1),
                url("pages", page=2),
                url("pages"),
                url("index", q="a b&c", n=3),
                url("index", q=["x", "y"]),
                url("index", q=None),
                url("index", q="ü"),
                url("text", name="a/b ü"),
                url("any", rest="a/b ü"),
                url("text", name="x", _anchor="top of page"),
                url("index", _external=True),
                url("index", _external=True, _scheme="https"),
                url("post", _method="POST"),
                url("nowhere"),
                url("text"),
            )
        )

    app.add_url_rule("/built", "built", built)
    return app


def answers():
    app = Flask("answers")
    kinds = {
        "text": lambda: "text",
        "bytes": lambda: b"bytes",
        "status": lambda: ("made", 201),
        "headers": lambda: ("made", {"X-A": "1"}),
        "both": lambda: ("made", 202, {"X-A": "1", "X-B": "2"}),
        "type": lambda: ("made", 200, {"Content-Type": "text/csv"}),
        "object": lambda: {"a": 1, "b": [True, None]},
        "list": lambda: [1, 2],
        "json-status": lambda: ({"a": 1}, 201),
        "response": lambda: (Response("own", 203), {"X-A": "1"}),
        "redirect": lambda: redirect("/there?a=b"),
        "redirect-308": lambda: redirect("/there", 308),
        "redirect-odd": lambda: redirect("/a b/ü\"<\\"),
        "redirect-split": lambda: redirect("/a\r\nset-cookie: x=1"),
        "stream": lambda: iter(["a", "b"]),
        "empty": lambda: ("", 204),
        "cookie": cookie,
        "uncookie": uncookie,
    }
    for name, kind in kinds.items():
        app.add_url_rule("/" + name, name, kind)
    return app


def cookie():
    response = flask.make_response("set")
    response.set_cookie("a", "b c;d", max_age=60, path="/x", secure=True, httponly=True, samesite="Lax")
    return response


def uncookie():
    response = flask.make_response("unset")
    response.delete_cookie("a")
    return response


def files():
    app = Flask("files", static_folder="static", root_path=os.environ["FLAGON_PARITY_FILES"])
    app.add_url_rule("/send", "send", lambda: flask.send_file("static/a.txt"))
    app.add_url_rule("/save", "save", lambda: flask.send_file("static/a.txt", as_attachment=True))
    app.add_url_rule(
        "/named",
        "named",
        lambda: flask.send_file("static/a.txt", as_attachment=True, download_name="Bericht ü.txt"),
    )
    app.add_url_rule("/aged", "aged", lambda: flask.send_file("static/a.txt", max_age=60))
    app.add_url_rule("/typed", "typed", lambda: flask.send_file("static/a.txt", mimetype="text/x-own"))
    return app


def conditions():
    """A view whose answer has validators and ranges."""
    app = Flask("conditions")
    text = b"the quick brown fox jumps over the lazy dog"

    @app.get("/")
    def index():
        response = Response(text, mimetype="text/plain")
        response.set_etag("v1")
        response.last_modified = datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=datetime.timezone.utc)
        return response.make_conditional(request.environ, accept_ranges=True, complete_length=len(text))

    return app


OFFERS = ["text/html", "application/json", "text/plain", "image/png"]


def preferences():
    """What a client likes best."""
    app = Flask("preferences")
    app.add_url_rule("/media", "media", lambda: request.accept_mimetypes.best_match(OFFERS) or "none")
    app.add_url_rule(
        "/language", "language", lambda: request.accept_languages.best_match(["en", "zh-Hans", "de-CH"]) or "none"
    )
    return app


def contexts():
    """What the globals say, step by step."""
    app = Flask("contexts")
    app.config["SERVER_NAME"] = "example.org"
    other = Flask("other")
    app.add_url_rule("/user/<int:id>", "user", lambda id: "")
    said = []

    def say():
        said.append(
            " ".join(
                (
                    flask.current_app.name if flask.has_app_context() else "-",
                    request.path if flask.has_request_context() else "-",
                    str(request.endpoint) if flask.has_request_context() else "-",
                    str(g.get("n")) if flask.has_app_context() else "-",
                )
            )
        )

    say()
    with app.app_context():
        say()
        g.n = 1
        say()
        said.append(url_for("user", id=1))
        with other.app_context():
            say()
        say()
        with app.app_context():
            say()
    say()
    with app.test_request_context("/user/3?a=b"):
        say()
        g.n = 2
        with app.test_request_context("/nowhere"):
            say()
        say()
        said.append(url_for("user", id=1))
        said.append(url_for("user", id=1, _external=True))
        with other.app_context():
            said.append(str(flask.has_request_context()))
    say()
    return said


APPS = {
    maker.__name__: maker for maker in (hooks, errors, bare, routing, answers, files, conditions, preferences)
}


def ask(app, question):
    trace.clear()
    try:
        response = app.test_client().open(
            question["target"],
            method=question["method"],
            headers=question["headers"],
            base_url="http://localhost",
        )
    except Exception as error:
        return {"raised": type(error).__name__}
    return {
        "status": response.status_code,
        "headers": [[name.lower(), value] for name, value in response.headers],
        "body": response.get_data().decode("utf-8", "replace"),
        "trace": list(trace),
    }


def main():
    logging.disable(logging.CRITICAL)
    apps = {name: maker() for name, maker in APPS.items()}
    questions = json.load(sys.stdin)
    given = [ask(apps[question["app"]], question) for question in questions]
    json.dump({"answers": given, "contexts": contexts()}, sys.stdout)


main()
