"""What a writer should mend, found line by line."""

import re
from dataclasses import dataclass

from .blocks import BLOCK_NAMES

MARK = re.compile(r"\[\^([^\]\s]+)\](?!:)")
DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\s]+)\]:")
FENCE = re.compile(r"^ {0,3}(```|~~~)")
BLOCK = re.compile(r"^ {0,3}(:{3,})\s*([\w-]*)")

FILE_NAME = re.compile(
    r"^\S+\.(?:jpe?g|png|gif|webp|avif|heic|tiff?|svg)$"
    r"|^(?:img|dsc|dscn|pxl|image|screenshot)[-_ ]?\d+",
    re.IGNORECASE,
)
PLACEHOLDERS = {"what it shows", "alt", "alt text", "image", "picture", "photo"}


@dataclass(frozen=True)
class Problem:
    """A mistake in the source: ``line`` counts from 1, ``text`` says what to write instead."""

    line: int
    text: str

    def __str__(self):
        return f"Line {self.line}: {self.text}"


def find_problems(source: str) -> list[Problem]:
    """Citations and blocks that do not fit together, in the order of their lines."""
    lines = list(prose_lines(source))
    return sorted(
        [*citation_problems(lines), *block_problems(lines)], key=lambda problem: problem.line
    )


def prose_lines(source: str):
    """Yield ``(number, line)`` for every line that is not inside a fenced code block."""
    inside = False
    for number, line in enumerate(source.split("\n"), start=1):
        if FENCE.match(line):
            inside = not inside
        elif not inside:
            yield number, line


def citation_problems(lines):
    defined, used = {}, {}
    for number, line in lines:
        if definition := DEFINITION.match(line):
            name = definition[1]
            if name in defined:
                yield Problem(
                    number,
                    f"The source [^{name}] is already on line {defined[name]}. Name it anew.",
                )
            defined.setdefault(name, number)
            line = line[definition.end() :]
        for name in MARK.findall(line):
            used.setdefault(name, number)
    for name in used.keys() - defined.keys():
        yield Problem(used[name], f"Add the source: a line that starts with [^{name}]:")
    for name in defined.keys() - used.keys():
        yield Problem(
            defined[name], f"Cite this source in the text with [^{name}], or remove the line."
        )


def block_problems(lines):
    open_blocks = []
    for number, line in lines:
        if not (block := BLOCK.match(line)):
            continue
        colons, name = block.groups()
        if name in BLOCK_NAMES:
            open_blocks.append((number, name, len(colons)))
        elif name:
            yield Problem(
                number, f'There is no block "{name}". Use one of: {", ".join(BLOCK_NAMES)}.'
            )
        elif not open_blocks:
            yield Problem(number, "Three colons close a block, but none is open here.")
        elif len(open_blocks) > 1 and len(colons) >= open_blocks[-2][2]:
            outer, width = open_blocks[-2][0], open_blocks[-2][2]
            yield Problem(
                outer, f"Open and close this block with {width + 1} colons: another is inside it."
            )
            open_blocks.pop()
        else:
            open_blocks.pop()
    for number, name, width in open_blocks:
        yield Problem(number, f'Close the block "{name}" with a line of {width} colons.')


def alt_problem(alt: str) -> str:
    """What is wrong with an alternative text, or nothing."""
    alt = " ".join(alt.split())
    if not re.search(r"\w", alt):
        return "Say between the square brackets what the picture shows."
    if FILE_NAME.match(alt):
        return f"“{alt[:60]}” is the name of a file. Say what the picture shows."
    if alt.lower() in PLACEHOLDERS:
        return f"Replace “{alt}” with what the picture shows."
    return ""
