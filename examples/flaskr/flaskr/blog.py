"""The posts: everybody reads them, their authors change them."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for

from .auth import login_required
from .db import get_db

bp = Blueprint("blog", __name__)

POSTS = """SELECT post.id, title, body, created, author_id, username
    FROM post JOIN user ON post.author_id = user.id"""


@bp.route("/")
def index():
    """All posts, the newest first."""
    posts = get_db().execute(POSTS + " ORDER BY created DESC, post.id DESC").fetchall()
    return render_template("blog/index.html", posts=posts)


def own_post(id):
    """The post, which has to be there and to be the user's own."""
    post = get_db().execute(POSTS + " WHERE post.id = ?", (id,)).fetchone()
    if post is None:
        abort(404, f"There is no post {id}.")
    if post["author_id"] != g.user["id"]:
        abort(403)
    return post


@bp.route("/create", methods=["GET", "POST"])
@login_required
def create():
    """Writes a new post."""
    if request.method == "POST":
        title, body = request.form["title"], request.form["body"]
        if title:
            db = get_db()
            db.execute(
                "INSERT INTO post (title, body, author_id) VALUES (?, ?, ?)", (title, body, g.user["id"])
            )
            db.commit()
            return redirect(url_for("blog.index"))
        flash("Title is required.")
    return render_template("blog/create.html")


@bp.route("/<int:id>/update", methods=["GET", "POST"])
@login_required
def update(id):
    """Changes a post."""
    post = own_post(id)
    if request.method == "POST":
        title, body = request.form["title"], request.form["body"]
        if title:
            db = get_db()
            db.execute("UPDATE post SET title = ?, body = ? WHERE id = ?", (title, body, id))
            db.commit()
            return redirect(url_for("blog.index"))
        flash("Title is required.")
    return render_template("blog/update.html", post=post)


@bp.route("/<int:id>/delete", methods=["POST"])
@login_required
def delete(id):
    """Deletes a post."""
    own_post(id)
    db = get_db()
    db.execute("DELETE FROM post WHERE id = ?", (id,))
    db.commit()
    return redirect(url_for("blog.index"))
