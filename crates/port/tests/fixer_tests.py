"""Runs lib2to3's own tests of its fixers against another rewriter.

Usage: python3.11 fixer_tests.py PROGRAM

PROGRAM answers requests as examples/port_answers.rs does. Prints a JSON object: for each test its name and, where it
fails, the first difference. The tests are those of the interpreter that runs this; nothing of them is kept here.
"""

import json
import re
import subprocess
import sys
import unittest
import warnings

warnings.simplefilter("ignore")
from lib2to3.tests import support, test_fixers  # noqa: E402

program = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def ask(request):
    program.stdin.write(json.dumps(request) + "\n")
    program.stdin.flush()
    return json.loads(program.stdout.readline())


class Tree:
    def __init__(self, was_changed):
        self.was_changed = was_changed


def siblings_of(case, source):
    """Test_import pretends that files exist; what that means for the modules named in the source."""
    if not hasattr(case, "present_files"):
        return []
    if case.always_exists:
        return re.findall(r"\w+", source)
    if "__init__.py" not in case.present_files:
        return []
    return [re.sub(r"(\.py|/)$", "", name) for name in case.present_files]


CHECKS = 0


def _check(self, before, after):
    global CHECKS
    CHECKS += 1
    before, after = support.reformat(before), support.reformat(after)
    codes = [name.rsplit(".fix_", 1)[1] for name in self.refactor.fixers]
    grammar = self.refactor.driver.grammar
    answer = ask({
        "codes": codes,
        "source": before,
        "print_function": "print" not in grammar.keywords,
        "siblings": siblings_of(self, before),
    })
    self.assertEqual(after, answer["text"], "from: " + before.strip())
    self.fixer_log = answer["left"]
    self.advice = answer["advice"]
    return Tree(True)  # That it was to change is said by `after`; lib2to3 also calls the same text changed.


def warns(self, before, after, message, unchanged=False):
    self._check(before, after)
    self.assertTrue(self.advice, "no advice about: " + before.strip())


case = test_fixers.FixerTestCase
case._check, case.warns = _check, warns
# These look into lib2to3 itself, not at what comes out.
skipped = {"test_run_order", "test_after_local_imports_refactoring", "test_files_checked"}


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.found = {}

    def addSuccess(self, test):
        self.found[test.id()] = None

    def addFailure(self, test, error):
        self.found[test.id()] = str(error[1])

    addError = addFailure


result = Result()
for suite in unittest.defaultTestLoader.loadTestsFromModule(test_fixers):
    for test in suite:
        if test._testMethodName not in skipped:
            test.run(result)
program.stdin.close()
program.wait()
names = {name.removeprefix("lib2to3.tests.test_fixers."): error for name, error in result.found.items()}
json.dump({"tests": names, "checks": CHECKS, "status": program.returncode}, sys.stdout)
