# SPDX-License-Identifier: Apache-2.0
"""Feeds a terminal emulator that is not ours, and prints what it shows.

The file is a list of steps as JSON, each with what is written to the terminal, and before it the terminal's new size
if it has another one. After each step a list with its lines and its attributes by character is printed.
"""
import json
import sys

import pyte

steps = json.load(open(sys.argv[-1]))
screen = pyte.Screen(80, 24)
stream = pyte.Stream(screen)
for step in steps:
    if "size" in step:
        screen.resize(step["size"][1], step["size"][0])
    stream.feed(step["bytes"])

    def reverse(y):
        row = screen.buffer[y]
        return "".join("#" if row[x].reverse else "." for x in range(screen.columns))

    colours = {cell.fg for row in screen.buffer.values() for cell in row.values()}
    print(json.dumps({
        "lines": [line.rstrip() for line in screen.display],
        "reverse": [reverse(y) for y in range(screen.lines)],
        "colours": sorted(colours),
        "cursor": None if screen.cursor.hidden else [screen.cursor.y, screen.cursor.x],
    }))
