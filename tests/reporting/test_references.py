"""References: every citation becomes a BibTeX entry that says what it said."""

from __future__ import annotations

import re

import psychoscales as ps
from psychoscales.reporting.references import authors, bibtex, cited, escaped, methods
from psychoscales.spec.model import Citation

FEWEST = 25


def fields(entry: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))


def test_an_article_is_taken_apart() -> None:
    one = ps.scale("phq9").citations[0]
    entry = bibtex(one)
    assert entry.startswith("@article{kroenke2001,")
    found = fields(entry)
    assert found["author"] == "Kroenke, K. and Spitzer, R. L. and Williams, J. B. W."
    assert found["title"] == "{The PHQ-9: validity of a brief depression severity measure}"
    assert found["journal"] == "J Gen Intern Med"
    assert (found["year"], found["volume"], found["pages"]) == ("2001", "16", "606--613")
    assert found["doi"] == one.doi


def test_what_is_no_article_is_kept_as_it_is() -> None:
    entry = bibtex(Citation(id="book", text="McDonald RP. Test theory. Erlbaum, 1999."))
    assert entry.startswith("@misc{book,")
    assert fields(entry) == {"title": "{McDonald RP. Test theory. Erlbaum, 1999.}", "year": "1999"}


def test_authors_of_all_kinds() -> None:
    assert authors("de Vet HCW, et al") == "de Vet, H. C. W. and others"
    assert authors("PHQ Screeners") == "{PHQ Screeners}"
    assert escaped("R & D_50%") == r"R \& D\_50\%"


def test_all_bundled_citations_become_sound_entries() -> None:
    every = dict(methods())
    for row in ps.catalogue().rows:
        every |= {one.id: one for one in ps.scale(row["id"]).citations}
    assert len(every) >= FEWEST
    for one in every.values():
        entry = bibtex(one)
        assert entry.count("{") == entry.count("}"), one.id
        assert re.match(r"@(article|misc)\{[A-Za-z0-9_]+,\n", entry), one.id
        found = fields(entry)
        assert found["title"].strip("{}")
        if one.doi:
            assert found["doi"] == one.doi
        if entry.startswith("@article"):
            for part in ("journal", "year", "volume", "pages", "author"):
                assert found[part], (one.id, part)


def test_method_citations_have_a_doi_but_for_books() -> None:
    assert len(methods()) > 10
    lacking = [name for name, one in methods().items() if not one.doi]
    assert lacking == ["mcdonald1999", "satorra2000"]


def test_links_lead_nowhere_but_to_the_web() -> None:
    scale = ps.scale("phq9")
    bad = scale.model_copy(
        update={"citations": (Citation(id="x", text="X 2001.", url="javascript:alert(1)"),)}
    )
    (one,) = cited(bad, ["x", "spec_author", "unknown"])
    assert one.link == ""
