"""Finds listed words, phrases and words with wildcards in a text, in time that grows with the
text alone: neither the length of the list nor the way an entry is written makes it slow.

Whole words are looked up in a dict and phrases walked in a trie of words. Entries with ``*``
stand in one Aho-Corasick automaton of letters, in which a space marks the edge of a word:
"pill*" is " pill", "*pill" is "pill ", "*pill*" is "pill", and "p*l" is the pair " p" and "l "
within one word. No entry is a regular expression, so none can run away.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from .folding import fold, readings, words_of

MOST_CHARACTERS = 100
MOST_WORDS = 10
MOST_WITH_STAR = 40
# "*at*" would stand for a fifth of all words.
FEWEST_WITH_STAR = 3
# Who makes a text of listed words is told from a writer long before; no more are looked for.
MOST_FOUND = 200
# Steps after a letter that did not fit, kept for the next text; a few MB at most.
MOST_STEPS_KEPT = 50_000


class NotAnEntry(ValueError):
    """The text is a sentence for who keeps the list."""


@dataclass(frozen=True)
class Pattern:
    """One way of ``words`` (a phrase), ``piece`` (in the automaton) or ``pair`` (before, after)."""

    words: tuple[str, ...] = ()
    piece: str = ""
    pair: tuple[str, str] = ()


@dataclass(frozen=True)
class Match:
    """``key`` is what the list was given for the entry, ``found`` the words it stands on."""

    key: object
    found: str


def pattern_of(text: str) -> Pattern:
    """How an entry is looked for. Raises NotAnEntry."""
    if len(text) > MOST_CHARACTERS:
        raise NotAnEntry(f"Use {MOST_CHARACTERS} characters or fewer.")
    if "\0" in text:
        raise NotAnEntry("Write the word without characters that cannot be seen.")
    parts = [words_of(fold(part)) for part in text.split("*")]
    words = [word for part in parts for word in part]
    if not words:
        raise NotAnEntry("Write a word with letters or digits.")
    if len(words) > MOST_WORDS:
        raise NotAnEntry(f"Use {MOST_WORDS} words or fewer.")
    if len(parts) == 1:
        return Pattern(words=tuple(words))
    if any(star_is_alone(text, at) for at, c in enumerate(text) if c == "*"):
        raise NotAnEntry("Put * right against a word: it stands for letters of that word.")
    if sum(map(len, words)) < FEWEST_WITH_STAR:
        raise NotAnEntry(f"Beside *, write {FEWEST_WITH_STAR} letters or more.")
    if len(" ".join(words)) > MOST_WITH_STAR:
        raise NotAnEntry(f"Beside *, use {MOST_WITH_STAR} letters or fewer.")
    inner = parts[1:-1] if len(parts) > 2 else []
    if len(parts) == 2 and parts[0] and parts[1]:
        if len(words) > 2:
            raise NotAnEntry("A * inside a word goes with one word, not with a phrase.")
        return Pattern(pair=(f" {words[0]}", f"{words[1]} "))
    if len(parts) > 3 or (len(parts) == 3 and (parts[0] or parts[2] or not inner[0])):
        raise NotAnEntry("Use * at the beginning, at the end, or once inside a word.")
    edge = " " if parts[0] else ""
    other = " " if parts[-1] else ""
    return Pattern(piece=f"{edge}{' '.join(words)}{other}")


def star_is_alone(text: str, at: int) -> bool:
    around = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
    return not around.replace("*", " ").strip()


class Matcher:
    """``entries`` are (key, text); entries that are none (see ``pattern_of``) are left out."""

    def __init__(self, entries: Iterable[tuple[object, str]]):
        self._words: dict[str, list] = {}
        self._phrases: dict[tuple[int, str], int] = {}
        self._phrase_ends: dict[int, list] = {}
        self._pairs: dict[int, dict[int, list]] = {}
        self._letters = Automaton()
        for key, text in entries:
            try:
                self._add(key, pattern_of(text))
            except NotAnEntry:
                continue
        self._letters.close()

    def _add(self, key, pattern: Pattern) -> None:
        if pattern.pair:
            before, after = (self._letters.add(piece) for piece in pattern.pair)
            self._letters.is_pair.update((before, after))
            self._pairs.setdefault(before, {}).setdefault(after, []).append(key)
        elif pattern.piece:
            self._letters.keys.setdefault(self._letters.add(pattern.piece), []).append(key)
        elif len(pattern.words) == 1:
            self._words.setdefault(pattern.words[0], []).append(key)
        else:
            node = 0
            for word in pattern.words:
                node = self._phrases.setdefault((node, word), len(self._phrases) + 1)
            self._phrase_ends.setdefault(node, []).append(key)

    def find(self, text: str) -> list[Match]:
        """Each entry that stands in the text, once, in no particular order; where there are very
        many, MOST_FOUND or a few more of them.
        """
        found: dict[object, str] = {}
        for words in readings(text):
            for word in set(words):
                for key in self._words.get(word, ()):
                    found.setdefault(key, word)
            if self._phrases:
                self._find_phrases(words, found)
            if self._letters.size > 1 and len(found) < MOST_FOUND:
                self._find_letters(words, found)
        return [Match(key, words) for key, words in found.items()]

    def _find_phrases(self, words: list[str], found: dict) -> None:
        step, ends, seen = self._phrases.get, self._phrase_ends, set()
        for start in range(len(words)):
            node = 0
            for at in range(start, min(start + MOST_WORDS, len(words))):
                node = step((node, words[at]))
                if node is None:
                    break
                if node in ends and node not in seen:
                    seen.add(node)
                    said = " ".join(words[start : at + 1])
                    for key in ends[node]:
                        found.setdefault(key, said)

    def _find_letters(self, words: list[str], found: dict) -> None:
        line = f" {' '.join(words)} "
        halves: dict[str, tuple[set, set]] = {}
        end = 0
        for at, node, is_pair in self._letters.scan(line):
            if not is_pair:
                if len(found) >= MOST_FOUND:
                    break
                for key in self._letters.keys[node]:
                    if key not in found:
                        found[key] = _words_at(line, at, self._letters.depth[node])
                continue
            if at > end:
                end = line.index(" ", at)
                word = line[line.rindex(" ", 0, end) + 1 : end]
                if word not in halves:
                    halves[word] = set(), set()
                befores, afters = halves[word]
            (afters if at == end else befores).add(node)
        self._find_pairs(halves, found)

    def _find_pairs(self, halves: dict[str, tuple[set, set]], found: dict) -> None:
        """``halves``: of each word, which pairs begin and which end with it. Sets meet sets, and
        a pair that was found is not met again, so halves within halves cost no more than others.
        """
        depth, left = self._letters.depth, {}
        for word, (befores, afters) in halves.items():
            if len(found) >= MOST_FOUND:
                return
            for before in befores if afters else ():
                ends = self._pairs[before]
                for after in afters & left.get(before, ends.keys()):
                    # Each piece has one space that is no letter of the word.
                    if depth[before] + depth[after] - 2 > len(word):
                        continue
                    for key in ends[after]:
                        found.setdefault(key, word)
                    left.setdefault(before, set(ends)).discard(after)


def _words_at(line: str, end: int, length: int) -> str:
    """The whole words that a piece of this length, ending at ``end``, stands in."""
    start = end - length + 1
    left = start if line[start] == " " else line.rfind(" ", 0, start)
    right = end if line[end] == " " else line.find(" ", end)
    return line[left:right].strip()


class Automaton:
    """Aho and Corasick, 1975. The steps are one dict: a dict for each node takes ten times the
    room. ``keys`` says what ends at a node, ``is_pair`` which nodes are halves of a pair.
    """

    def __init__(self):
        self.steps: dict[int, int] = {}
        self.depth = [0]
        self.keys: dict[int, list] = {}
        self.is_pair: set[int] = set()
        self._children: list[list[int]] = [[]]

    @property
    def size(self) -> int:
        return len(self.depth)

    def add(self, piece: str) -> int:
        node = 0
        for code in map(ord, piece):
            step = node << 21 | code
            if (below := self.steps.get(step)) is None:
                below = self.steps[step] = len(self.depth)
                self.depth.append(self.depth[node] + 1)
                self._children.append([])
                self._children[node].append(code)
            node = below
        return node

    def close(self) -> None:
        """Where to go on when a letter does not fit, and the next shorter end from each node."""
        self._back = [0] * self.size
        self._next_key, self._next_pair = [0] * self.size, [0] * self.size
        waiting = deque([0])
        while waiting:
            node = waiting.popleft()
            for code in self._children[node]:
                below = self.steps[node << 21 | code]
                self._back[below] = self._after(self._back[node], code) if node else 0
                back = self._back[below]
                self._next_key[below] = back if back in self.keys else self._next_key[back]
                self._next_pair[below] = back if back in self.is_pair else self._next_pair[back]
                waiting.append(below)
        self._children = []
        self._is_loud = bytearray(
            bool(
                node in self.keys
                or node in self.is_pair
                or self._next_key[node]
                or self._next_pair[node]
            )
            for node in range(self.size)
        )
        self._room = MOST_STEPS_KEPT

    def _after(self, node: int, code: int) -> int:
        while node and node << 21 | code not in self.steps:
            node = self._back[node]
        return self.steps.get(node << 21 | code, 0)

    def _keep(self, node: int, code: int) -> int:
        below = self._after(node, code)
        if self._room > 0:
            self._room -= 1
            self.steps[node << 21 | code] = below
        return below

    def scan(self, line: str) -> list[tuple[int, int, bool]]:
        """(position of the last letter, node, whether it is half of a pair), in the order of the
        line. What is no half of a pair comes once.
        """
        step, is_loud = self.steps.get, self._is_loud
        seen, found, node = set(), [], 0
        for at, code in enumerate(map(ord, line)):
            below = step(node << 21 | code)
            node = self._keep(node, code) if below is None else below
            if not is_loud[node]:
                continue
            end = node if node in self.keys else self._next_key[node]
            while end and end not in seen:  # the shorter ends of a seen one are seen as well
                seen.add(end)
                found.append((at, end, False))
                end = self._next_key[end]
            end = node if node in self.is_pair else self._next_pair[node]
            while end:
                found.append((at, end, True))
                end = self._next_pair[end]
        return found
