"""``fallow init``: make a register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fallow.cli.common import (
    BadValue,
    JsonOption,
    LangOption,
    OrganisationOption,
    UserOption,
    begin,
    console,
    put_json,
    wants_json,
    who,
)
from fallow.cli.common import text as _


def init(
    path: Annotated[Path, typer.Argument(help="The file to make, for example land.fallow.")],
    name: Annotated[str, typer.Option("--name", help="Name of the register.")],
    centre: Annotated[
        str | None,
        typer.Option(
            "--centre",
            help="Middle of the country as longitude,latitude: square metres are counted around it.",
            show_default=False,
        ),
    ] = None,
    outline: Annotated[
        Path | None,
        typer.Option("--outline", help="A file with the country's outline, in place of --centre.", show_default=False),
    ] = None,
    country: Annotated[str, typer.Option("--country", help="ISO 3166 code of the country.")] = "",
    booking_basis: Annotated[
        str, typer.Option("--booking-basis", help="Which day books a release: activity_end or decision.")
    ] = "decision",
    notice: Annotated[str, typer.Option("--notice", help="Source and licence printed on every page.")] = "",
    synthetic: Annotated[bool, typer.Option("--synthetic", help="A register of an invented land.")] = False,
    user: UserOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Make a register. Whoever makes it is its steward; its signing key is kept outside the file (FALLOW_KEYS)."""
    begin(json_, lang)
    from fallow.geodesy import equal_area_for
    from fallow.register import Register

    if booking_basis not in ("activity_end", "decision"):
        raise BadValue(option="--booking-basis", value=booking_basis, wanted="activity_end, decision")
    bounds: tuple[float, float, float, float]
    if outline is not None:
        from fallow.exchange import read

        batch = read(outline, record="admin_unit")
        shapes = [shape for shape in (batch.geometry if batch.geometry is not None else []) if shape is not None]
        if not shapes:
            raise BadValue(option="--outline", value=str(outline), wanted="a polygon")
        import shapely

        bounds = tuple(shapely.total_bounds(shapes).tolist())
    else:
        bounds = _centre(centre)
    actor = who(user, "steward", organisation)
    if actor is None:
        from fallow.register.errors import NoActor

        raise NoActor(step="init")
    with Register.create(
        path,
        actor=actor,
        name=name,
        country=country,
        equal_area=equal_area_for(bounds),
        booking_basis=booking_basis,
        synthetic=synthetic,
        notice=notice,
    ) as register:
        info = register.info
    if wants_json():
        put_json({"register": str(path), "id": info.id, "name": info.name, "equal_area": info.equal_area})
        return
    console().print(_("Made the register {name} in {path}.").format(name=info.name, path=path))
    console().print(_("Square metres are counted in: {system}").format(system=info.equal_area), style="dim")


def _centre(text: str | None) -> tuple[float, float, float, float]:
    parts = (text or "").split(",")
    try:
        lon, lat = float(parts[0]), float(parts[1])
    except (ValueError, IndexError) as error:
        raise BadValue(option="--centre", value=text or "", wanted="longitude,latitude (or --outline FILE)") from error
    if len(parts) != 2 or not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadValue(option="--centre", value=text or "", wanted="longitude,latitude")
    return (lon, lat, lon, lat)
