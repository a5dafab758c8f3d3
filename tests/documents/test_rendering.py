from __future__ import annotations

import builtins
import stat
from pathlib import Path
from typing import Any

import pytest

from fallow.documents import Document, render
from fallow.documents import errors as document_errors
from fallow.documents.errors import PdfUnavailable, UnknownFormat
from fallow.documents.html import sheet_name, to_html
from fallow.documents.pdf import to_pdf
from fallow.documents.rendering import write_atomic
from fallow.documents.words import Words
from fallow.errors import FallowError, exit_code
from fallow.terms import messages


def test_files_are_named_after_document_and_language(documents: dict[str, Document], tmp_path: Path) -> None:
    paths = render(documents["balance"], "uk", ("xlsx", "html"), tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["balance.uk.html", "balance.uk.xlsx"]
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == [path.name for path in paths]
    assert stat.S_IMODE(paths[0].stat().st_mode) & stat.S_IRUSR


def test_a_failure_leaves_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "totals.en.html"
    write_atomic(path, b"filed")

    def broken(_self: Path, _target: Path) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk is full"):
        write_atomic(path, b"half")
    assert path.read_bytes() == b"filed"
    assert [each.name for each in tmp_path.iterdir()] == ["totals.en.html"]


def test_nothing_is_written_when_one_format_fails(
    documents: dict[str, Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "fallow.documents.pdf.to_pdf", lambda *_: (_ for _ in ()).throw(PdfUnavailable(missing="pango"))
    )
    with pytest.raises(PdfUnavailable):
        render(documents["totals"], "en", ("html", "pdf", "xlsx"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_unknown_formats_and_languages_are_refused(documents: dict[str, Document], tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat):
        render(documents["totals"], "en", ("docx",), tmp_path)
    with pytest.raises(ValueError, match="no language"):
        render(documents["totals"], "xx", ("html",), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_pango_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def fails(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'\nmore lines")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fails)
    with pytest.raises(PdfUnavailable) as caught:
        to_pdf("<p>text</p>", "x")
    assert caught.value.values["missing"] == "cannot load library 'libpango-1.0-0'"
    for lang in ("en", "uk"):
        assert "libpango-1.0-0" in messages(lang)["document.pdf_unavailable"]["todo"]


def test_every_error_has_its_words_and_its_exit_status() -> None:
    found = [
        each for each in vars(document_errors).values() if isinstance(each, type) and issubclass(each, FallowError)
    ]
    codes = {each.code for each in found if each is not FallowError}
    assert len(codes) == 4
    for lang in ("en", "uk"):
        assert {code for code in messages(lang) if code.startswith("document.")} == codes
        assert all(messages(lang)[code][part] for code in codes for part in ("title", "what", "todo"))
    assert {exit_code(code) for code in codes} == {60}


def test_a_document_fetches_nothing(documents: dict[str, Document]) -> None:
    for document in documents.values():
        page = to_html(document, Words("en"))
        assert "default-src 'none'" in page
        for outside in ("src=", "url(http", "@import", "<link", "<script", "<iframe"):
            assert outside not in page
        assert page.count("http") == page.count("http-equiv") + page.count("http://www.w3.org/2000/svg")
    # An address in a document is refused, not followed.
    assert to_pdf('<img src="http://example.org/x.png">', "x").startswith(b"%PDF")


def test_sheet_names_hold_nothing_that_a_path_would_follow() -> None:
    assert sheet_name("../../etc/passwd") == "area-------etc-passwd"
    assert sheet_name("0199-ab") == "area-0199-ab"
