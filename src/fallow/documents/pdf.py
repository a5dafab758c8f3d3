"""From HTML to PDF: the same HTML gives the same bytes, and nothing is fetched from anywhere."""

from __future__ import annotations

import hashlib
import io
from typing import Any, NoReturn

from fallow.documents.errors import PdfUnavailable


def to_pdf(html: str, identifier: str) -> bytes:
    """Set HTML as PDF.

    Args:
        html: a whole document; it must need nothing from outside.
        identifier: what the identifier of the file is made from.

    Raises:
        PdfUnavailable: the libraries for setting type (Pango) are not installed.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise PdfUnavailable(missing=str(error).splitlines()[0]) from error
    out = io.BytesIO()
    # A class since WeasyPrint 68, a function before.
    fetcher = getattr(weasyprint, "URLFetcher", None)
    refuse = _refuse if fetcher is None else fetcher(allowed_protocols=())
    weasyprint.HTML(string=html, url_fetcher=refuse).write_pdf(
        out,
        pdf_identifier=hashlib.sha256(identifier.encode()).digest()[:16],
        pdf_tags=True,
    )
    return out.getvalue()


def _refuse(url: str, *_args: Any, **_options: Any) -> NoReturn:
    raise ValueError(f"a document fetches nothing: {url}")
