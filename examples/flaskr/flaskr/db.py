"""The database: a connection for each request, and the command that makes the tables."""

import sqlite3
from datetime import datetime

import click
from flask import current_app, g

sqlite3.register_converter("timestamp", lambda text: datetime.fromisoformat(text.decode()))


def get_db():
    """The connection of this request."""
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"], detect_types=sqlite3.PARSE_DECLTYPES)
        g.db.row_factory = sqlite3.Row
    return g.db


def close_db(_error=None):
    """Closes the connection, if there was one."""
    connection = g.pop("db", None)
    if connection is not None:
        connection.close()


@click.command("init-db")
def init_db():
    """Makes the tables that are not there yet."""
    with current_app.open_resource("migrations/0001_create_flaskr.up.sql", "rt") as script:
        get_db().executescript(script.read())
    click.echo("The tables are there.")


def init_app(app):
    app.teardown_appcontext(close_db)
    app.cli.add_command(init_db)
