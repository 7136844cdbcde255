"""`psychoscales.catalogue`: every scale that is known, in one table."""

from __future__ import annotations

from psychoscales.results import Table
from psychoscales.spec.catalogue import every

COLUMNS = ("id", "name", "construct", "items", "scores", "languages", "licence", "citation")


def catalogue() -> Table:
    """Return every scale known: bundled, in folders of ``PSYCHOSCALES_PATH``, or plugged in.

    Raises:
        CatalogueError: two files claim one id; both are named.
        ScaleError: a file is not a valid scale.

    Examples:
        >>> import psychoscales as ps
        >>> "phq9" in list(ps.catalogue().to_frame()["id"])
        True
    """
    rows = tuple(
        {
            "id": scale.id,
            "name": scale.name_in("en"),
            "construct": next(iter(scale.construct_.values())),
            "items": len(scale.items),
            "scores": ", ".join(score.id for score in scale.scores),
            "languages": ", ".join(scale.languages),
            "licence": scale.licence.instrument.status,
            "citation": "; ".join(
                citation.text for citation in scale.citations if citation.id in (scale.source or ())
            ),
        }
        for scale in every()
    )
    notes = ("psychoscales.scale(id) gives a scale, `psychoscales show ID` its codebook",)
    return Table("Scales", COLUMNS, rows, notes, hidden=("construct", "citation"))
