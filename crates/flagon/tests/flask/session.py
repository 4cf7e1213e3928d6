"""Flask's side of tests/it/sessions/flask.rs.

Reads one JSON object from stdin and writes one to stdout:

* ``make``: ``count`` sessions of every type that Flask tags, as cookies
* ``change``: reads cookies as a view does; gives what they hold as tagged JSON, and new cookies after a change
* ``check``: the sessions of ``make`` again, changed by Flagon; gives the indices of those that are not as expected
"""

import json
import random
import sys
from datetime import datetime, timedelta, timezone
from uuid import UUID

from flask import Flask, session
from flask.json.tag import TaggedJSONSerializer
from markupsafe import Markup

question = json.load(sys.stdin)
app = Flask(__name__)
app.config.update(SECRET_KEY=question["key"], SECRET_KEY_FALLBACKS=question.get("fallbacks"))
tagged = TaggedJSONSerializer()


def text(rng):
    pool = "abc \"\\/<>&\u00e9\u4e2d\u2028\U0001f600\x01\x7f\n"
    return "".join(rng.choice(pool) for _ in range(rng.randrange(12)))


def value(rng, depth=0):
    kinds = 10 if depth > 2 else 13
    match rng.randrange(kinds):
        case 0:
            return rng.choice([None, True, False])
        case 1:
            return rng.randrange(-(10**6), 10**6)
        case 2:
            return rng.randrange(-(10**60), 10**60)
        case 3:
            return rng.choice([0.1, 1e16, 1e-5, -0.0, float("inf"), rng.uniform(-1e9, 1e9)])
        case 4:
            return text(rng)
        case 5:
            return rng.randbytes(rng.randrange(20))
        case 6:
            return Markup(text(rng))
        case 7:
            return UUID(int=rng.getrandbits(128))
        case 8:
            start = datetime(100, 1, 1, tzinfo=timezone.utc)  # Python reads years of two digits as 19xx or 20xx
            return start + timedelta(seconds=rng.randrange(300_000_000_000))
        case 9:
            return "repeat" * rng.randrange(60)
        case 10:
            return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
        case 11:
            return tuple(value(rng, depth + 1) for _ in range(rng.randrange(4)))
        case _:
            if rng.randrange(3) == 0:
                return {rng.choice([" t", " b", " di", " m__"]): value(rng, depth + 1)}
            return {text(rng): value(rng, depth + 1) for _ in range(rng.randrange(4))}


def made(index):
    rng = random.Random(index)
    if rng.randrange(20) == 0:
        return {" t": value(rng)}
    return {"k%d" % number: value(rng) for number in range(1 + rng.randrange(4))}


def as_cookie(content):
    with app.test_request_context():
        return app.session_interface.get_signing_serializer(app).dumps(content)


@app.get("/make/<int:index>")
def make(index):
    session.update(made(index))
    return ""


@app.get("/change")
def change():
    found = tagged.dumps(dict(session))
    session["flask"] = (1, b"\x00\xff", Markup("<b>"), UUID(int=7), {" t": [datetime(2015, 10, 21, tzinfo=timezone.utc)]})
    session.pop("gone", None)
    return found


def cookie_after(path, cookie=None):
    client = app.test_client()
    if cookie is not None:
        client.set_cookie("session", cookie)
    body = client.get(path).get_data(as_text=True)
    kept = client.get_cookie("session")
    return body, kept.value if kept else None


def is_as_expected(index, cookie):
    expected = made(index)
    expected["flagon"] = (b"\x00\xff", "ada", UUID(int=9))
    with app.test_request_context(headers={"Cookie": "session=" + cookie}):
        found = dict(session)
    return found == expected and repr(found) == repr(dict(sorted(found.items())))


match question["do"]:
    case "make":
        answer = [cookie_after("/make/%d" % index)[1] for index in range(question["count"])]
    case "change":
        answer = [cookie_after("/change", cookie) for cookie in question["cookies"]]
    case "check":
        answer = [index for index, cookie in enumerate(question["cookies"]) if not is_as_expected(index, cookie)]
    case "loads":
        answer = []
        for cookie in question["cookies"]:
            with app.test_request_context(headers={"Cookie": "session=" + cookie}):
                answer.append(tagged.dumps(dict(session)))
json.dump(answer, sys.stdout)
