"""Runs the test suite of an old package: of each file that is named, its unittest cases and its functions ``test_*``.

Python 2.7 and 3 both run it, without pytest or nose, of which the suites use two functions. Arguments: the package's folder, and
the files below it. Writes one JSON object to standard output: how many tests passed, how many did not, and which modules could
not be imported. Each file has a process of its own and two minutes, each test five seconds.
"""

import inspect
import json
import os
import signal
import subprocess
import sys
import threading
import types
import unittest

SECONDS = 5
FILE_SECONDS = 120


def nose_tools():
    """The part of nose that the suites use."""
    case = unittest.TestCase("__init__")
    tools = types.ModuleType("nose.tools")

    def assert_raises(kind, call=None, *arguments, **named):
        if call is None:
            return case.assertRaises(kind)
        return case.assertRaises(kind, call, *arguments, **named)

    def raises(*kinds):
        def wrap(function):
            def wrapped():
                case.assertRaises(kinds, function)

            wrapped.__name__ = function.__name__
            return wrapped

        return wrap

    tools.assert_raises, tools.raises = assert_raises, raises
    tools.eq_ = tools.assert_equal = case.assertEqual
    nose = types.ModuleType("nose")
    nose.tools, nose.SkipTest = tools, unittest.SkipTest
    sys.modules["nose"], sys.modules["nose.tools"] = nose, tools


class Late(BaseException):
    """A test took too long."""


def late(number, frame):
    raise Late()


def passes(work):
    signal.alarm(SECONDS)
    try:
        work()
        return True
    except (Exception, Late, SystemExit):
        return False
    finally:
        signal.alarm(0)


def functions(module):
    """The functions that are tests, and what those give that are generators."""
    setup, teardown = getattr(module, "setup", None), getattr(module, "teardown", None)
    for name in sorted(vars(module)):
        function = getattr(module, name)
        if not name.startswith("test") or not inspect.isfunction(function):
            continue
        if getattr(function, "__module__", module.__name__) != module.__name__:
            continue
        if inspect.isgeneratorfunction(function):
            for found in function():
                found = found if isinstance(found, tuple) else (found,)
                yield lambda found=found: found[0](*found[1:])
        else:
            yield function


def cases(module):
    """The tests of unittest's classes, and of classes with a plain name in nose's manner."""
    loader = unittest.TestLoader()

    def flat(suite):
        for one in suite:
            if isinstance(one, unittest.TestSuite):
                for deeper in flat(one):
                    yield deeper
            else:
                yield one

    for case in flat(loader.loadTestsFromModule(module)):
        def run(case=case):
            result = unittest.TestResult()
            case.run(result)
            if not result.wasSuccessful():
                raise AssertionError("failed")

        yield run


def run_file(root, path):
    sys.path[:0] = [root, os.path.dirname(path)]
    os.chdir(os.path.dirname(path))
    nose_tools()
    signal.signal(signal.SIGALRM, late)
    told = {"passed": 0, "failed": 0, "unread": []}
    name = os.path.relpath(path, root)[:-3]
    in_package = os.path.exists(os.path.join(os.path.dirname(path), "__init__.py"))
    module = None

    def load():
        dotted = name.replace(os.sep, ".") if in_package else os.path.basename(name)
        __import__(dotted)
        loaded.append(sys.modules[dotted])

    loaded = []
    if not passes(load):
        told["unread"].append(name)
        return told
    module = loaded[0]
    for group in (functions, cases):
        tests = iter(group(module))
        while True:
            try:
                test = next(tests)
            except StopIteration:
                break
            except Exception:
                told["failed"] += 1
                break
            told["passed" if passes(test) else "failed"] += 1
    return told


def run_all(root, files):
    told = {"passed": 0, "failed": 0, "unread": []}
    for path in files:
        quiet = open(os.devnull, "w")
        child = subprocess.Popen(
            [sys.executable, "-W", "ignore", os.path.abspath(__file__), "--one", root, os.path.join(root, path)],
            stdin=open(os.devnull),
            stdout=subprocess.PIPE,
            stderr=quiet,
        )
        clock = threading.Timer(FILE_SECONDS, child.kill)
        clock.start()
        output = child.communicate()[0].decode("utf-8", "replace")
        clock.cancel()
        marked = output.rpartition("\x1e")[2]
        try:
            of_file = json.loads(marked)
        except ValueError:
            of_file = {"passed": 0, "failed": 0, "unread": [path[:-3]]}
        for key in told:
            told[key] += of_file[key]
    return told


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        # What tests print comes before the mark. Threads of theirs do not keep this process.
        answer = run_file(os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3]))
        sys.stdout.write("\x1e" + json.dumps(answer))
        sys.stdout.flush()
        os._exit(0)
    print(json.dumps(run_all(os.path.abspath(sys.argv[1]), sys.argv[2:])))
