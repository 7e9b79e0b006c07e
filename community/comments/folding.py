"""One form for everything that looks the same, so that a listed word is found however it is
written: width, case, accents, letters of other scripts, marks between letters, digits for
letters, letters set apart. For comparing only; nobody reads the result.
"""

import re
import unicodedata

# Letters of other scripts that look like ours, small ones only: case is folded before. A list
# of our own: the confusables of Unicode (UTS 39) have 6,000 lines, nearly all of them of
# scripts in which nobody can pass off an English word.
_LOOK_ALIKES = str.maketrans(
    # Cyrillic
    "абвгеёзіїјкмнорстухһѕԁԛԝүьпиёӏ"
    # Greek
    "αβεηικνορτυχγωςσ"
    # Latin with a stroke or another shape, which have no decomposition
    "ıłøđħŧɑɡɩɪʏɴʀʟʙɢʜᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜱ"
    # Armenian
    "օսհոց",
    "abbreeziijkmhopctyxhsdqwybnuelabenikvoptuxywssilodhtagiiynrlbghacdejkmoptuvwzsouhng",
)
# Marks of a comment's Markdown and apostrophes stand between letters without parting them.
_DROPPED = re.compile(r"[’'ʼ‘`´*_~\\\u00ad]")
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"[\w@$!|]+")
_STANDS_FOR_LETTER = re.compile(r"[@$!|013457]")
_L_OR_I = re.compile(r"[!|1]")
_LETTER = re.compile(r"[^\W\d_]")
_AS_I = str.maketrans("@$!|013457", "asiioieast")
_AS_L = str.maketrans("@$!|013457", "aslloleast")
# A few characters stand for a whole sentence; a text full of them would become 18 times as long.
_MOST_FROM_ONE = 4


def fold(text: str) -> str:
    """The text with one character for all that look alike; words still apart."""
    if not text.isascii():
        text = "".join(map({c: _small(c) for c in set(text)}.__getitem__, text))
        text = text.translate(_LOOK_ALIKES)
    else:
        text = text.lower()
    return _DROPPED.sub("", text)


def _small(character: str) -> str:
    wide = unicodedata.normalize("NFKC", character)
    if len(wide) > _MOST_FROM_ONE:
        return " "
    apart = unicodedata.normalize("NFKD", wide.casefold())
    return "".join(c for c in apart if unicodedata.category(c) not in {"Mn", "Me", "Cf"})


def words_of(folded: str) -> list[str]:
    return _WORD.findall(folded)


def readings(text: str) -> list[list[str]]:
    """The words of a text, and further lists of words as they can be read as well: with digits
    and signs for letters ("c4sh", "p1ll"), with letters set apart ("c a s h").
    """
    folded = fold(text)
    found = [words_of(folded)]
    if _STANDS_FOR_LETTER.search(folded):
        runs = set(_RUN.findall(folded))
        as_letters = {run: _with_letters(run, _AS_I) for run in runs}
        read = words_of(_RUN.sub(lambda run: as_letters[run[0]], folded))
        if read != found[0]:
            found.append(read)
            runs = [run for run in _RUN.findall(folded) if _L_OR_I.search(run)]
            found.append(words_of(" ".join(_with_letters(run, _AS_L) for run in runs)))
    joined = [_joined(words) for words in found]
    return found + [words for words in joined if words]


def _with_letters(run: str, table: dict) -> str:
    """A number stays one; only beside letters does a digit stand for a letter."""
    if _STANDS_FOR_LETTER.search(run) and _LETTER.search(run):
        return run.translate(table)
    return run


def _joined(words: list[str]) -> list[str]:
    """Runs of three or more single letters, each as one word."""
    found, run = [], []
    for word in [*words, "  "]:
        if len(word) == 1:
            run.append(word)
            continue
        if len(run) > 2:
            found.append("".join(run))
        run = []
    return found
