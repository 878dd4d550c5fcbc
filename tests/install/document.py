# SPDX-License-Identifier: GPL-2.0-only
"""docs/install.md: its commands, and what they are said to print."""

import collections
import pathlib
import re

NAME = 'docs/install.md'
PATH = pathlib.Path(__file__).resolve().parents[2] / NAME

# A command of a block: its line, its heading, '#' or '$', and the lines that
# stand below it.
Command = collections.namedtuple('Command', 'line heading prompt text rows')


class Document:
    def __init__(self):
        self.text = PATH.read_text(encoding='utf-8')
        self.problems = []
        self.commands = list(self.read())

    def heading_of(self, position):
        # Not what root types.
        return re.findall(r'^##+ (.*)$', self.text[:position], re.M)[-1]

    def read(self):
        for block in re.finditer(r'^ *```console\n(.*?)^ *```', self.text,
                                 re.M | re.S):
            line = self.text.count('\n', 0, block.start(1)) + 1
            heading = self.heading_of(block.start())
            command = None
            for row in block[1].splitlines():
                row = row.strip()
                if re.match(r'[#$] ', row):
                    if command:
                        yield command
                    command = Command(line, heading, row[0], row[2:], [])
                elif command:
                    command.rows.append(row)
                else:
                    self.problems.append(
                        f'{NAME}:{line}: output before a command')
                line += 1
            yield command

    def file(self, path):
        """What a file has in it that the reader is told to make."""
        start = self.text.index(f'`{path}`')
        return re.search(r'^```sh\n(.*?)^```', self.text[start:],
                         re.M | re.S)[1]

    def undo(self, heading):
        """The command of a step's *Undo:*, of what is in backquotes."""
        start = re.search(rf'^#+ {re.escape(heading)}$', self.text, re.M).end()
        return re.search(r'^\*Undo:\* `([^`]*)`', self.text[start:], re.M)[1]


def matches(rows, output):
    """Whether output is what rows say; "..." stands for more, in a line and
    for lines, and blanks for as many as there are."""
    pattern = ''
    for row in rows:
        if row == '...':
            pattern += r'(?:.*\n)*?'
            continue
        words = [re.escape(word).replace(r'\.\.\.', '.*')
                 for word in row.split()]
        pattern += r'[ \t]*' + r'[ \t]+'.join(words) + r'[ \t]*\n'
    return re.fullmatch(pattern, output) is not None
