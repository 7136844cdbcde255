"""What a report cites: sources of the scale's claims and of the methods, as text and as BibTeX."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from psychoscales.spec.model import RESERVED_SOURCES, Citation, Scale

FILE = Path(__file__).parent / "methods.toml"
ARTICLE = re.compile(
    r"^(?P<author>[^.]+?(?:, et al)?)\. (?P<title>.+[.?!]) (?P<journal>[^.;]+?) "
    r"(?P<year>\d{4});(?P<volume>[\w]+)(?:\((?P<number>[^)]+)\))?:(?P<pages>[\w-]+)\.?$"
)
YEAR = re.compile(r"\b(1[89]|20)\d\d\b")
SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
SPECIAL |= {each: f"\\{each}" for each in "&%$#_{}"}


@dataclass(frozen=True)
class Cited:
    """A source: its key, its text as it is printed, where it is, and its BibTeX entry."""

    id: str
    text: str
    link: str
    bib: str


@cache
def methods() -> Mapping[str, Citation]:
    """Return the sources of methods."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: Citation(id=name, **one) for name, one in found.items()}


def cited(scale: Scale, ids: Iterable[str]) -> tuple[Cited, ...]:
    """Return the sources that are called so, of the scale or of the methods, in order."""
    known = {**methods(), **{one.id: one for one in scale.citations}}
    wanted = sorted({name for name in ids if name not in RESERVED_SOURCES and name in known})
    return tuple(_cited(known[name]) for name in wanted)


def _cited(one: Citation) -> Cited:
    link = f"https://doi.org/{one.doi}" if one.doi else _web(one.url)
    return Cited(one.id, one.text, link, bibtex(one))


def _web(url: str | None) -> str:
    """Return an address of the web; any other kind of link may do anything."""
    return url if url is not None and url.startswith(("https://", "http://")) else ""


def bibtex(one: Citation) -> str:
    """Return a BibTeX entry: an article where the text reads as one, else the text as it is."""
    text = " ".join(one.text.split())
    found = ARTICLE.match(text)
    fields: dict[str, str | None]
    if found is not None:
        part = found.groupdict()
        fields = {
            "author": authors(part["author"]),
            "title": f"{{{escaped(part['title'].removesuffix('.'))}}}",
            "journal": escaped(part["journal"]),
            "year": part["year"],
            "volume": part["volume"],
            "number": part["number"] and escaped(part["number"]),
            "pages": part["pages"].replace("-", "--"),
        }
    else:
        year = YEAR.search(text)
        fields = {"title": f"{{{escaped(text)}}}", "year": year and year.group()}
    fields |= {
        "doi": one.doi,
        "url": _web(one.url),
        "note": one.note and escaped(" ".join(one.note.split())),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{'article' if found else 'misc'}{{{one.id},", *lines, "}"])


def authors(text: str) -> str:
    """Turn "Kroenke K, Williams JBW, et al" into BibTeX's "Kroenke, K. and ... and others"."""
    names = []
    for name in text.split(", "):
        family, _, initials = name.rpartition(" ")
        if name == "et al":
            names.append("others")
        elif family and re.fullmatch(r"[A-Z]+", initials):
            dotted = " ".join(f"{letter}." for letter in initials)
            names.append(f"{escaped(family)}, {dotted}")
        else:
            names.append(f"{{{escaped(name)}}}")
    return " and ".join(names)


def escaped(text: str) -> str:
    """Return a text as TeX prints it."""
    return "".join(SPECIAL.get(each, each) for each in text)
