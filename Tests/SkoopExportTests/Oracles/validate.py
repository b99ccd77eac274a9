# SPDX-License-Identifier: Apache-2.0
"""Checks a document against a JSON schema: validate.py SCHEMA FILE. Silence means that it is valid."""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    document = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
    sys.exit(f"{error.json_path}: {error.message}")
