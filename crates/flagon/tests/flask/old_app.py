"""The old app of tests/moving/gunicorn.rs, under gunicorn: sessions, flashed messages and logins as Flask does them."""

import os

from flask import Flask, flash, get_flashed_messages, jsonify, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

app = Flask(__name__)
app.config.update(SECRET_KEY=os.environ["OLD_APP_KEY"], SESSION_PROTECTION="strong")
manager = LoginManager(app)


class Account(UserMixin):
    def __init__(self, name):
        self.id = name


@manager.user_loader
def load(name):
    return Account(name)


def state():
    user = current_user.id if current_user.is_authenticated else None
    return jsonify(user=user, count=session.get("count", 0), words=session.get("words", []), flashed=get_flashed_messages())


@app.get("/old/state")
def show():
    return state()


@app.post("/old/login")
def login():
    login_user(Account(request.form["name"]))
    return ""


@app.post("/old/logout")
def logout():
    logout_user()
    return ""


@app.post("/old/count")
def count():
    session["count"] = session.get("count", 0) + 1
    session["words"] = session.get("words", []) + ["old %d" % session["count"]]
    return ""


@app.post("/old/flash")
def flashes():
    flash(request.form["text"])
    return ""


@app.post("/old/echo")
def echo():
    """Gives a body back as it comes."""
    stream = request.stream

    def pieces():
        while piece := stream.read(65536):
            yield piece

    return pieces()


@app.get("/old/pid")
def pid():
    return str(os.getpid())
