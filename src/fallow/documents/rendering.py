"""Writing a document to files, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from fallow.documents.errors import UnknownFormat
from fallow.documents.model import Document
from fallow.documents.words import Words

FORMATS = ("html", "pdf", "xlsx")


def render(
    document: Document,
    lang: str,
    formats: Sequence[str],
    out_dir: Path,
    *,
    sheets: Collection[str] | None = None,
) -> list[Path]:
    """Write a document and return the files written.

    Every file is made whole before it takes its name: a reader never meets half a document, and a failure leaves
    the earlier file as it was.

    Args:
        document: the document.
        lang: ``en`` or ``uk``.
        formats: any of ``html``, ``pdf``, ``xlsx``.
        out_dir: folder; made if it is not there.
        sheets: entity ids of the hazardous areas whose sheets are linked; None links every area's sheet.

    Raises:
        UnknownFormat: a format is none of these.
        PdfUnavailable: PDF was asked for and Pango is not installed.
    """
    for wanted in formats:
        if wanted not in FORMATS:
            raise UnknownFormat(format=wanted, formats=", ".join(FORMATS))
    words = Words(lang)
    out_dir.mkdir(parents=True, exist_ok=True)
    made = [
        (out_dir / f"{document.name}.{lang}.{form}", _made(document, words, form, sheets))
        for form in FORMATS
        if form in formats
    ]
    for path, content in made:
        write_atomic(path, content)
    return [path for path, _ in made]


def _made(document: Document, words: Words, form: str, sheets: Collection[str] | None) -> bytes:
    if form == "html":
        from fallow.documents.html import to_html

        return to_html(document, words, sheets=sheets).encode()
    if form == "pdf":
        from fallow.documents.html import to_html
        from fallow.documents.pdf import to_pdf

        page = to_html(document, words, sheets=sheets, paper=True)
        return to_pdf(page, f"{document.identifier} {words.lang}")
    from fallow.documents.xlsx import to_xlsx

    return to_xlsx(document, words)


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file under another name, then give it its own in one step."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner reads; a document is meant for others as well.
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
