"""Validates a SARIF log on standard input by the schema that is named: says nothing, or what is wrong."""

import json
import sys

import fastjsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    validate = fastjsonschema.compile(json.load(file))
try:
    validate(json.load(sys.stdin))
except fastjsonschema.JsonSchemaException as error:
    sys.exit(str(error))
