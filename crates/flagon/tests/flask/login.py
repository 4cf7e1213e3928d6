"""Flask-Login's side of tests/it/login/flask_login.rs.

Reads one JSON object from stdin (``key``, ``steps``: each a path and the cookies that the request has) and writes a list to
stdout: of each step the status, the text, and the cookies that the client has then. With ``passwords`` it writes instead
whether each hash is of its password, and hashes of its own.
"""

import json
import sys

from flask import Flask, session
from werkzeug.security import check_password_hash, generate_password_hash
from flask_login import LoginManager, UserMixin, current_user, login_fresh, login_required, login_user, logout_user

question = json.load(sys.stdin)
app = Flask(__name__)
app.config.update(SECRET_KEY=question["key"], SESSION_PROTECTION="strong")
manager = LoginManager(app)


class Account(UserMixin):
    def __init__(self, name):
        self.id = name


@manager.user_loader
def load(name):
    return Account(name)


@app.get("/me")
@login_required
def me():
    return "%s %s" % (current_user.id, login_fresh())


@app.get("/cart")
def cart():
    session["cart"] = session.get("cart", 0) + 1
    return str(session["cart"])


@app.get("/login")
def login():
    login_user(Account("ada"))
    return ""


@app.get("/remember")
def remember():
    login_user(Account("ada"), remember=True)
    return ""


@app.get("/logout")
def logout():
    logout_user()
    return ""


def ask(step):
    path, cookies = step
    client = app.test_client()
    for name, value in cookies.items():
        client.set_cookie(name, value)
    answer = client.get(path, headers={"User-Agent": "the same browser"})
    kept = {}
    for name in ("session", "remember_token"):
        cookie = client.get_cookie(name)
        if cookie is not None:
            kept[name] = cookie.value
    return [answer.status_code, answer.get_data(as_text=True), kept]


if "passwords" in question:
    right = [check_password_hash(kept, password) for password, kept in question["passwords"]]
    own = [generate_password_hash(question["own"], method) for method in ("scrypt", "pbkdf2")]
    json.dump([right, own], sys.stdout)
    sys.exit()

json.dump([ask(step) for step in question["steps"]], sys.stdout)
