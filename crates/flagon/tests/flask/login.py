"""Flask-Login's side of tests/it/login.rs: who is logged in by a cookie, and a cookie of who has logged in here."""

import json
import sys

from flask import Flask
from flask_login import LoginManager, UserMixin, current_user, login_fresh, login_required, login_user

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


@app.get("/login")
def login():
    login_user(Account("ada"))
    return ""


client = app.test_client()
client.set_cookie("session", question["cookie"])
headers = {"User-Agent": "the same browser"}
answer = client.get("/me", headers=headers)
client.delete_cookie("session")
client.get("/login", headers=headers)
json.dump([answer.status_code, answer.get_data(as_text=True), client.get_cookie("session").value], sys.stdout)
