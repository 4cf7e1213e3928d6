"""Who is there: registering, logging in and out."""

import functools

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash

from .db import get_db

bp = Blueprint("auth", __name__, url_prefix="/auth")


@bp.before_app_request
def load_user():
    """Puts who is logged in into g.user, for views and templates."""
    user_id = session.get("user_id")
    g.user = None
    if user_id is not None:
        g.user = get_db().execute("SELECT id, username FROM user WHERE id = ?", (user_id,)).fetchone()


def login_required(view):
    """Leads clients who are not logged in to the login page."""

    @functools.wraps(view)
    def wrapped(**variables):
        if g.user is None:
            return redirect(url_for("auth.login"))
        return view(**variables)

    return wrapped


@bp.route("/register", methods=["GET", "POST"])
def register():
    """Takes a new user, whose password is kept as a hash."""
    if request.method == "POST":
        username, password = request.form["username"], request.form["password"]
        error = None
        if not username:
            error = "Username is required."
        elif not password:
            error = "Password is required."
        else:
            db = get_db()
            try:
                db.execute(
                    "INSERT INTO user (username, password) VALUES (?, ?)",
                    (username, generate_password_hash(password)),
                )
                db.commit()
            except db.IntegrityError:
                error = f"User {username} is already registered."
        if error is None:
            return redirect(url_for("auth.login"))
        flash(error)
    return render_template("auth/register.html")


@bp.route("/login", methods=["GET", "POST"])
def login():
    """Logs a user in."""
    if request.method == "POST":
        user = get_db().execute(
            "SELECT id, password FROM user WHERE username = ?", (request.form["username"],)
        ).fetchone()
        if user is not None and check_password_hash(user["password"], request.form["password"]):
            session.clear()
            session["user_id"] = user["id"]
            return redirect(url_for("index"))
        flash("Incorrect username or password.")
    return render_template("auth/login.html")


@bp.route("/logout")
def logout():
    """Logs the user out."""
    session.clear()
    return redirect(url_for("index"))
