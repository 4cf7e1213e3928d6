"""Flask-WTF's side of tests/trust/flask_wtf.rs.

Reads one JSON object from stdin (``key``; ``cookie`` and ``token`` that Flagon made) and writes one to stdout:

* ``cookie`` and ``token``: of a page with a form that Flask-WTF has made
* ``taken``: whether Flask-WTF takes Flagon's token with Flagon's session; ``altered``: whether it takes another one
"""

import json
import sys

from flask import Flask
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf

question = json.load(sys.stdin)
app = Flask(__name__)
app.config.update(SECRET_KEY=question["key"])
CSRFProtect(app)


@app.get("/form")
def form():
    return generate_csrf()


@app.post("/change")
def change():
    return "changed"


def is_taken(token):
    client = app.test_client()
    client.set_cookie("session", question["cookie"])
    return client.post("/change", data={"csrf_token": token}).status_code == 200


client = app.test_client()
token = client.get("/form").text
json.dump(
    {
        "token": token,
        "cookie": client.get_cookie("session").value,
        "taken": is_taken(question["token"]),
        "altered": is_taken(question["token"][:-1]),
    },
    sys.stdout,
)
