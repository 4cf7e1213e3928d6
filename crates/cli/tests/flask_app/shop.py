"""An app of Flask with every kind of rule, which the tests of `flagon port routes` ask for its URL map."""

from flask import Blueprint, Flask
from flask.views import MethodView
from werkzeug.routing import BaseConverter, Rule

print("what an app prints is not the answer")


class Names(BaseConverter):
    def to_python(self, value):
        return value.split("+")


class Item(MethodView):
    """One item of the shelf."""

    def get(self, item_id):
        """Shows it.

        :param item_id: which one; see [shelf] and <type>
        """
        return "shown"

    def delete(self, item_id):
        return "gone"


def shelf():
    admin = Blueprint("admin", __name__, url_prefix="/admin")
    users = Blueprint("users", __name__, url_prefix="/users")

    @users.get("/")
    def index():
        return "users"

    @users.post("/<uuid:user>/ban")
    def ban(user):
        return "banned"

    admin.register_blueprint(users)

    @admin.route("/type/<type>", methods=["GET", "PUT"])
    def match(type):
        return type

    return admin


def create_app(name="shop", debug=False):
    app = Flask(name, static_url_path="/files", static_folder="assets")
    app.config["SERVER_NAME"] = "shop.example"
    app.url_map.converters["names"] = Names
    app.debug = debug

    @app.route("/")
    def index():
        """The first page."""
        return "index"

    @app.route("/pages/", defaults={"page": 1})
    @app.route("/pages/<int:page>")
    def pages(page):
        """All pages.

            an indented line, no test of Rust

        The end.
        """
        return str(page)

    @app.route("/maybe", strict_slashes=False)
    @app.route("/maybe/<float(signed=True):much>")
    def maybe(much=None):
        return "maybe"

    app.add_url_rule("/items/<int(fixed_digits=3):item_id>", view_func=Item.as_view("ItemAPI"))

    @app.route("/find/<names:who>")
    def find(who):
        return "found"

    @app.route("/docs/<path:file>", subdomain="<lang>", methods=["GET", "POST", "OPTIONS"], provide_automatic_options=False)
    def docs(file, lang):
        return file

    @app.route("/any/<any(a, 'b c'):kind>", methods=["PROPFIND"])
    def abort(kind):
        return kind

    @app.route("/default/<name>", defaults={"flag": None, "word": "x\"y", "share": 0.5, "is_new": True}, endpoint="odd-name")
    def odd(name, flag, word, share, is_new):
        return name

    @app.route("/one/<int:x>")
    @app.route("/two/<x>")
    def two_kinds(x):
        return str(x)

    app.url_map.add(Rule("/old/<int:page>", redirect_to="/pages/<page>", endpoint="old"))
    app.url_map.add(Rule("/elsewhere", build_only=True, endpoint="elsewhere"))
    app.register_blueprint(shelf())
    outer = Blueprint("pages", __name__)
    outer.add_url_rule("/outer", "pages", lambda: "outer")
    app.register_blueprint(outer)
    return app


class Middleware:
    def __init__(self, app):
        self.app = app


wrapped = Middleware(create_app("wrapped"))
number = 3
