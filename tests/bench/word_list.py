"""What looking at a comment costs with 10,000 listed words: the matcher alone, and all of it.

    python tests/bench/word_list.py

Milliseconds of this thread's own time, median and worst of 50 runs, for a comment of 3,000
characters, and the worst by the clock, which counts other programs of the machine as well. Nothing
is asserted and no database is asked; tests/community/comments/test_matching.py holds the rest.
"""

import os
import random
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "advocacy_site.settings.local"
os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
ENTRIES = 10_000
RUNS = 50
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DICE = random.Random(5)


def word(length):
    return "".join(DICE.choice(LETTERS) for _ in range(length))


def mixed(number):
    """Six words, two phrases and two with a star in ten."""
    if number % 10 < 6:
        return word(DICE.randint(4, 12))
    if number % 10 < 8:
        return " ".join(word(DICE.randint(2, 8)) for _ in range(DICE.randint(2, 5)))
    stem, other = word(DICE.randint(4, 8)), word(3)
    return [f"{stem}*", f"*{stem}", f"*{stem}*", f"{stem}*{other}"][number // 10 % 4]


def few_letters(number):
    return "*" + "".join(DICE.choice("ab") for _ in range(DICE.randint(3, 38))) + "*"


LISTS = {
    "words, phrases, stars": [mixed(number) for number in range(ENTRIES)],
    "stars only": [f"*{word(DICE.randint(4, 30))}*" for _ in range(ENTRIES)],
    "stars, two letters": [few_letters(number) for number in range(ENTRIES)],
    "phrases that begin alike": [f"{'a ' * 8}{word(4)}" for _ in range(ENTRIES)],
    "halves that nest": [f"{'a' * k}*{'a' * j}" for k in range(1, 40) for j in range(1, 40)],
    "halves of many words": [
        f"{c}{'a' * k}*{'a' * j}" for c in LETTERS for k in range(19) for j in range(1, 21)
    ],
}
TEXTS = {
    "English": (
        "I was told in 2015 that it was stage 2, and since 2024 I have been living with MBC. "
        "My team changed the dose in March; the scan after that was stable. "
    ),
    "random words": " ".join(word(DICE.randint(2, 9)) for _ in range(600)),
    "digits for letters": "f0r s1x m0nths ",
    "a a a": "a ",
    "one long word": "a",
    "words of 39 a": "a" * 39 + " ",
    "long words, all different": " ".join(
        f"{LETTERS[n % 26]}{'a' * 18}{LETTERS[n // 26]}{'a' * 19}" for n in range(75)
    ),
    "the same with digits": " ".join(
        f"{LETTERS[n % 26]}{'a' * 18}1{LETTERS[n // 26]}{'4' * 18}" for n in range(75)
    ),
    "Cyrillic": "абв вода ",
    "two letters": "".join(DICE.choice("ab ") for _ in range(3000)),
}


def main():
    import django

    django.setup()
    from community.comments import shapes
    from community.comments.matching import Matcher

    names = list(TEXTS)
    print("thread's time, median / worst of", RUNS, "runs, ms; worst by the clock")
    for name, entries in LISTS.items():
        start = time.perf_counter()
        matcher = Matcher(enumerate(entries))
        made = time.perf_counter() - start
        print(f"\n{name}: {len(entries):,} entries, made in {made:.2f} s")
        for text in names:
            print(f"  {text:20} {measure(matcher.find, text)}")
    print("\nlinks and contact details")
    for text in names:
        print(f"  {text:20} {measure(shapes.contacts_in, text)}")


def measure(function, name):
    text = (TEXTS[name] * 3000)[:3000]
    own, clock = [], []
    for _ in range(RUNS):
        start, seen = time.thread_time(), time.perf_counter()
        function(text)
        own.append((time.thread_time() - start) * 1000)
        clock.append((time.perf_counter() - seen) * 1000)
    return f"{statistics.median(own):6.2f} / {max(own):6.2f}   {max(clock):6.2f}"


if __name__ == "__main__":
    main()
