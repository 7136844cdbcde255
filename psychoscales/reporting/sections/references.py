"""The sources of everything the report cites."""

from __future__ import annotations

from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Cell, Listing, Pasted, Section


def references(context: Context) -> Section | None:
    """List the sources, and give them as a file for a reference manager."""
    words, found = context.words, context.references
    if not found:
        return None
    points = tuple(Cell(f"[{one.id}] {one.text}", link=one.link or None) for one in found)
    bib = "\n\n".join(one.bib for one in found) + "\n"
    file = Pasted(
        words("references.bib"), bib, f"{context.scale.id}_references.bib", "text/x-bibtex"
    )
    return Section("references", words("section.references"), (Listing(points), file))
