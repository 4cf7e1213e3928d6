# Asks a Flask app for its URL map. Usage: python -c THIS TARGET
#
# In: TARGET, as `flask --app` takes it: `module`, `module:name`, `module:create_app()`, or a file's path.
# Out: one JSON object on standard output: the app with its rules, or {"error": kind, "message": …, "known": […]}.
# Never: serves the app. What the app itself prints goes to standard error.
#
# It runs with the app's own interpreter, from Python 2.7 on, and with whatever Flask that has.
from __future__ import print_function

import ast
import inspect
import json
import os
import sys
import traceback

answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
os.environ["FLASK_RUN_FROM_CLI"] = "true"  # so that an `app.run()` at the module's end returns
sys.path.insert(0, os.getcwd())


class Refusal(Exception):
    def __init__(self, kind, message, known=()):
        Exception.__init__(self, message)
        self.content = {"error": kind, "message": message, "known": sorted(known)}


def import_target(target):
    """The module, and what follows the colon."""
    name, _, expression = target.partition(":")
    if name.endswith(".py") or os.sep in name:
        path = os.path.realpath(name)
        if not os.path.exists(path):
            raise Refusal("no module", "there is no file %s" % path)
        folder, name = os.path.split(path[:-3] if path.endswith(".py") else path)
        while os.path.exists(os.path.join(folder, "__init__.py")):
            folder, package = os.path.split(folder)
            name = package + "." + name
        sys.path.insert(0, folder)
    try:
        __import__(name)
    except ImportError as error:
        if is_about(error, name):
            raise Refusal("no module", str(error))
        raise
    return sys.modules[name], expression


def is_about(error, name):
    """Whether it is the target that was not found, not something that it imports itself."""
    missing = getattr(error, "name", None) or str(error).split()[-1].strip("'\"")
    return (name + ".").startswith(missing + ".") or name.endswith("." + missing)


def find(module, expression, flask):
    apps = [name for name, value in vars(module).items() if unwrapped(value, flask)]
    factories = [name for name in ("create_app", "make_app") if callable(getattr(module, name, None))]
    if not expression:
        preferred = [name for name in ("app", "application") if name in apps] or apps[:1] or factories
        if len(apps) > 1 and preferred[0] not in ("app", "application"):
            raise Refusal("several apps", "the module %s has several apps" % module.__name__, apps)
        if not preferred:
            raise Refusal("no app", "the module %s has no Flask app and no create_app()" % module.__name__)
        expression = preferred[0]
    value = evaluate(module, expression, apps + [name + "()" for name in factories])
    app = unwrapped(value, flask)
    if app is None and callable(value):
        app = unwrapped(call(value, expression, [], {}), flask)
    if app is None:
        kind = type(value).__name__
        raise Refusal("no app", "%s of the module %s is no Flask app, but of type %s" % (expression, module.__name__, kind), apps)
    return app


def evaluate(module, expression, known):
    """A name, dotted perhaps, and a call of it with literals perhaps; nothing else is run."""
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise Refusal("no expression", "%r is neither a name nor a call" % expression, known)
    called = isinstance(tree, ast.Call)
    names = []
    node = tree.func if called else tree
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise Refusal("no expression", "%r is neither a name nor a call" % expression, known)
    names.append(node.id)
    value = module
    for name in reversed(names):
        if not hasattr(value, name):
            raise Refusal("no attribute", "the module %s has no %s" % (module.__name__, ".".join(reversed(names))), known)
        value = getattr(value, name)
    if not called:
        return value
    try:
        positional = [ast.literal_eval(argument) for argument in tree.args]
        by_name = dict((argument.arg, ast.literal_eval(argument.value)) for argument in tree.keywords)
    except ValueError:
        raise Refusal("no expression", "the arguments in %r are no literals" % expression, known)
    return call(value, expression, positional, by_name)


def call(factory, expression, positional, by_name):
    try:
        return factory(*positional, **by_name)
    except TypeError:
        if sys.exc_info()[2].tb_next is None:  # the call itself, nothing within
            raise Refusal("arguments", "%s could not be called so: %s" % (expression, sys.exc_info()[1]))
        raise


def unwrapped(value, flask):
    """The app, also where middleware stands around it."""
    for _ in range(8):
        if isinstance(value, flask.Flask):
            return value
        inner = [vars(value).get(name) for name in ("app", "wsgi_app", "application", "_app")] if hasattr(value, "__dict__") else []
        inner = [one for one in inner if one is not None]
        if not inner or isinstance(value, type(os)):
            return None
        value = getattr(inner[0], "__self__", inner[0])
    return None


def place(view):
    function = getattr(view, "view_class", view)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    try:
        path = inspect.getsourcefile(function)
        line = inspect.getsourcelines(function)[1]
    except (TypeError, IOError, OSError):
        return None
    relative = os.path.relpath(path)
    return {"file": path if relative.startswith("..") else relative, "line": line}


def dotted(view):
    view = getattr(view, "view_class", view)
    name = getattr(view, "__qualname__", getattr(view, "__name__", type(view).__name__))
    return "%s.%s" % (view.__module__, name.rsplit("<locals>.", 1)[-1])


def plain(value):
    is_plain = value is None or isinstance(value, (bool, int, float)) or type(value).__name__ in ("str", "unicode")
    is_plain = is_plain and value not in (float("inf"), -float("inf")) and value == value  # JSON has none of these
    return {"value": value} if is_plain else {"repr": repr(value)}


def method_doc(view):
    """A class of views says of itself what it does, or its methods do."""
    own = getattr(view, "view_class", None)
    documents = [own and vars(own).get("__doc__")] if own else [view.__doc__]
    for method in sorted(getattr(own, "methods", None) or ()):
        documents.append(getattr(getattr(own, method.lower(), None), "__doc__", None))
    return "\n\n".join(inspect.cleandoc(text) for text in documents if text) or None


def described(rule, app):
    view = app.view_functions.get(rule.endpoint)
    is_host = getattr(app.url_map, "host_matching", False)
    return {
        "rule": rule.rule,
        "endpoint": rule.endpoint,
        "methods": None if rule.methods is None else sorted(rule.methods),
        "automatic_options": bool(getattr(rule, "provide_automatic_options", False)),
        "host": (rule.host or None) if is_host else None,
        "subdomain": None if is_host else (rule.subdomain or None),
        "defaults": dict((name, plain(value)) for name, value in (rule.defaults or {}).items()),
        "strict_slashes": rule.strict_slashes is not False,
        "merge_slashes": getattr(rule, "merge_slashes", True) is not False,
        "redirect_to": None if rule.redirect_to is None else plain(rule.redirect_to),
        "build_only": bool(rule.build_only),
        "alias": bool(rule.alias),
        "websocket": bool(getattr(rule, "websocket", False)),
        "doc": view and method_doc(view),
        "view": view and dotted(view),
        "place": view and place(view),
    }


def blueprint(name, one):
    return {"name": name, "url_prefix": getattr(one, "url_prefix", None), "static_folder": relative(one.static_folder)}


def relative(folder):
    return folder and os.path.relpath(folder)


def inventory(app):
    builtin = type(app.url_map).default_converters
    return {
        "name": app.name,
        "static_folder": relative(app.static_folder),
        "template_folder": app.template_folder and relative(os.path.join(app.root_path, app.template_folder)),
        "converters": sorted(name for name in app.url_map.converters if name not in builtin),
        "blueprints": [blueprint(*item) for item in sorted(app.blueprints.items())],
        "rules": [described(rule, app) for rule in app.url_map.iter_rules()],
    }


def asked(target):
    try:
        import flask
    except ImportError:
        raise Refusal("no flask", "%s has no Flask" % sys.executable)
    module, expression = import_target(target)
    return inventory(find(module, expression, flask))


try:
    content = asked(sys.argv[1])
except Refusal as refusal:
    content = refusal.content
except BaseException:
    content = {"error": "failed", "message": traceback.format_exc(), "known": []}
answer.write(json.dumps(content))
answer.flush()
os._exit(0)  # threads that the app has started need not end
