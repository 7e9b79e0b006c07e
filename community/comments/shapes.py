"""What looks like a link, or like a way to find a person: mail, phone, street, record number.

Each pattern steps over a text once; none has a repetition inside a repetition.
"""

import re
from html import unescape

_BLOCKS = re.compile(r"</?(?:p|li|ul|ol|br|h\d|blockquote|details|summary|div|pre|hr)\b[^>]*>")
_TAGS = re.compile(r"<[^>]*>")
_ENDINGS = "com|net|org|info|biz|edu|gov|shop|store|online|site|health|me|io|co|uk|de|ca|au"

_LINK_WORDS = re.compile(
    rf"\b(?:https?|hxxps?)\s?:|\bwww\s?\.|\b(?:dot|\(dot\)|\[dot\])\s(?:{_ENDINGS})\b|t\.me/|wa\.me/",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?<=[\w.+-])\s?@\s?(?=[\w-]{1,63}(?:\s?\.\s?|\sdot\s)[a-z]{2})"
    rf"|\w\s?[(\[]?\bat\b[)\]]?\s?[\w-]{{1,63}}\s[(\[]?dot[)\]]?\s(?:{_ENDINGS})\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![\w.,])[+(]?\d(?:[\d()/.\u2010-\u2015-]|\s(?=[\d(+])){5,28}(?![\w])")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}")
_YEARS = re.compile(r"(?:19|20)\d\d(?:\D{1,3}(?:19|20)\d\d)*")
_LOCAL_PHONE = re.compile(r"\d{3}[-. ]\d{4}")
_SOCIAL_SECURITY = re.compile(r"(?<!\d)\d{3}-\d\d-\d{4}(?!\d)")
_STREET = re.compile(
    r"(?<!\w)\d{1,5}[a-z]?\s(?:[NSEW]\.?\s)?(?:[A-Z0-9][\w'’.]{0,30}\s){1,3}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Lane|Ln|Boulevard|Blvd|Court|Ct|Way|Place|Terrace"
    r"|Circle|Highway|Hwy)\b"
    r"|(?<=\w)(?:stra(?:ß|ss)e|str\.|weg|gasse|platz)\s\d{1,4}\b"
    r"|\b[Pp]\.?\s?[Oo]\.?\s[Bb]ox\s\d"
    r"|\b[A-Z]{2}\s\d{5}(?:-\d{4})?\b"
)
_RECORD = re.compile(
    r"\b(?:MRN|NHS|SSN|social security|medical record|health record|record|patient|hospital"
    r"|chart|account|insurance|policy|member|case|ward|room)"
    r"(?:\s(?:number|no|num|id|nr))?\.?\s?(?:is\s?)?[:#]?\s?#?[A-Z]{0,3}[- ]?"
    r"\d(?:[\d-]|\s(?=\d)){4,20}",
    re.IGNORECASE,
)


def text_of(html: str) -> str:
    """The words of a rendered comment as a reader gets them."""
    return unescape(_TAGS.sub("", _BLOCKS.sub("\n", html)))


def links_of(html: str) -> list[str]:
    return [unescape(address) for address in re.findall(r'<a [^>]*href="([^"]*)"', html)]


def link_in(html: str, text: str) -> str:
    """The address or words that are a link; empty when there is none."""
    if links := links_of(html):
        return links[0][:200]
    match = _LINK_WORDS.search(text)
    return around(text, match) if match else ""


def contacts_in(text: str) -> list[str]:
    """Each shape of a contact detail with where it stands: "phone: 555 010 0199"."""
    found = []
    for name, pattern in SHAPES.items():
        if match := pattern.search(text):
            found.append(f"{name}: {around(text, match)}")
    if number := next(filter(_is_phone, (match[0] for match in _DIGITS.finditer(text))), ""):
        found.append(f"phone: {number.strip()}")
    return found


SHAPES = {
    "mail address": _MAIL,
    "street": _STREET,
    "record number": _RECORD,
    "social security number": _SOCIAL_SECURITY,
}


def _is_phone(number: str) -> bool:
    """Lab values, doses and dates are numbers as well; this errs towards letting them be."""
    number = number.strip().rstrip(".-/(")
    if _DATE.fullmatch(number) or _YEARS.fullmatch(number):
        return False
    digits = re.sub(r"\D", "", number)
    longest = max(map(len, re.findall(r"\d+", number)))
    if len(digits) == 7:
        return bool(_LOCAL_PHONE.fullmatch(number))
    if number[0] in "+(" or digits[0] == "0":
        return 8 <= len(digits) <= 16
    return 10 <= len(digits) <= 15 and longest >= 3


def around(text: str, match: re.Match) -> str:
    start, end = max(match.start() - 30, 0), match.end() + 30
    return " ".join(text[start:end].split())
