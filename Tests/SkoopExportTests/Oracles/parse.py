# SPDX-License-Identifier: Apache-2.0
"""Reads a page with prometheus_client and prints what it found as JSON: parse.py FORMAT FILE."""
import json
import sys

from prometheus_client import openmetrics, parser
import prometheus_client.openmetrics.parser

parse = {
    "prometheus": parser.text_string_to_metric_families,
    "openmetrics": openmetrics.parser.text_string_to_metric_families,
}[sys.argv[1]]
with open(sys.argv[2], encoding="utf-8", newline="") as page:
    families = list(parse(page.read()))
json.dump(
    [
        {
            "name": family.name,
            "type": family.type,
            "unit": family.unit,
            "help": family.documentation,
            "samples": [{"name": s.name, "labels": s.labels, "value": repr(float(s.value))} for s in family.samples],
        }
        for family in families
    ],
    sys.stdout,
)
