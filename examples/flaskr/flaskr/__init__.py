"""A weblog in Flask: the app that moves to Flagon in five steps, see README.md."""

import pathlib

from flask import Flask

ROOT = pathlib.Path(__file__).parent.parent


def create_app():
    """Makes the app. Its settings come from variables: FLASK_SECRET_KEY, FLASK_DATABASE."""
    app = Flask(
        "flaskr",
        root_path=str(ROOT),
        template_folder="templates",
        static_folder="static",
    )
    app.config.from_mapping(SECRET_KEY="dev", DATABASE=str(ROOT / "flaskr.sqlite"))
    app.config.from_prefixed_env()

    from . import auth, blog, db

    db.init_app(app)
    app.register_blueprint(auth.bp)
    app.register_blueprint(blog.bp)
    app.add_url_rule("/", endpoint="index")
    return app
