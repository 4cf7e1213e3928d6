"""The old app of tests/moving/in_place.rs, under gunicorn: forms of Flask-WTF, with templates and static files that both halves use."""

import os

from flask import Flask, flash, render_template, request
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import StringField

app = Flask(__name__, template_folder="forms/templates", static_folder="forms/static")
app.config.update(SECRET_KEY=os.environ["OLD_APP_KEY"])
CSRFProtect(app)


class Note(FlaskForm):
    text = StringField()


@app.get("/old/form")
def form():
    flash("a <b>", "warning")
    notes = [{"text": " milk "}, {"text": ""}, {"text": "<bread>"}]
    return render_template("form.html", title="notes", action="/new/save", text="a \"b\"", notes=notes)


@app.post("/old/save")
def save():
    note = Note()
    return "old: %s %s" % (note.validate_on_submit(), request.form["text"])
