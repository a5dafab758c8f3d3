"""100,000 areas from a GeoPackage: read, mapped, checked, approved and in the register, beside a plain read of the file.

The peer is ``pyogrio.read_dataframe(use_arrow=True)``: reading the file into a frame and nothing else. Both run in
processes of their own, in turn; the ratio is taken pair by pair and the median printed.

    python benchmarks/intake.py [--rows 100000] [--pairs 3]
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VERTICES = 24


def make(path: Path, rows: int, seed: int = 1) -> None:
    """Write polygons of 25 vertices scattered at random, with nine columns; about 6 % of them overlap another."""
    import geopandas
    import numpy as np
    import shapely

    rng = np.random.default_rng(seed)
    centre = np.c_[rng.uniform(30, 38, rows), rng.uniform(47, 51, rows)]
    turn = np.sort(rng.uniform(0, 2 * np.pi, (rows, VERTICES)), axis=1)
    reach = rng.uniform(0.0008, 0.0012, (rows, 1)) * rng.uniform(0.8, 1.2, (rows, VERTICES))
    corners = np.stack([centre[:, :1] + reach * 1.5 * np.cos(turn), centre[:, 1:] + reach * np.sin(turn)], axis=-1)
    shapes = shapely.polygons(np.concatenate([corners, corners[:, :1]], axis=1))
    frame = geopandas.GeoDataFrame(
        {
            "identifiers": [f"bench:HA-{number:06d}" for number in range(rows)],
            "name": [f"Area {number}" for number in range(rows)],
            "classification": rng.choice(["sha", "cha"], rows),
            "contamination": rng.choice(["ap_mine", "av_mine", "submunition", "other_uxo"], rows),
            "date_of_information": rng.choice(["2022-03-01", "2023-05-06", "2024-11-30"], rows),
            "surveyed_on": rng.choice(["2022-02-01", "2023-05-01"], rows),
            "work_status": rng.choice(["open", "tasked"], rows),
            "source_kind": rng.choice(["nts", "local_people"], rows),
            "remarks": "an area that somebody surveyed",
        },
        geometry=shapes,
        crs=4326,
    )
    frame.to_file(path, layer="areas", driver="GPKG")


def peer(path: Path) -> None:
    """Read the file into a frame."""
    import pyogrio

    start = time.perf_counter()
    frame = pyogrio.read_dataframe(path, use_arrow=True)
    _say(time.perf_counter() - start, len(frame))


def ours(path: Path, folder: Path) -> None:
    """Take the file in and approve it, in a new register."""
    from fallow.register import Actor, Register
    from fallow.register.importing import import_file

    register = Register.create(
        folder / "bench.fallow",
        actor=Actor("Bench steward", "steward"),
        name="Benchmark",
        equal_area="+proj=laea +lat_0=49 +lon_0=34 +datum=WGS84 +units=m",
        keys=folder / "keys",
    )
    start = time.perf_counter()
    marks = [(time.perf_counter(), "start")]
    done = import_file(
        register.as_actor(Actor("One", "enter")),
        path,
        record="hazardous_area",
        stage=lambda name: marks.append((time.perf_counter(), name)),
    )
    held = done.intake.held
    del done  # an officer approves in another process than the import's
    marks.append((time.perf_counter(), "approving"))
    approved = register.as_actor(Actor("Two", "approve")).approve(leave=True)
    marks.append((time.perf_counter(), "end"))
    spent = time.perf_counter() - start
    stages = {name: round(marks[i + 1][0] - at, 2) for i, (at, name) in enumerate(marks[:-1]) if name != "start"}
    _say(spent, approved.approved, stages=stages, held=held, left=approved.left)


def _say(seconds: float, rows: int, **more: object) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rows": rows, "peak_mib": round(peak)} | more))


def run(*args: str) -> dict[str, object]:
    """Run one side in a process of its own."""
    made = subprocess.run([sys.executable, __file__, *args], check=True, capture_output=True, text=True)
    return dict(json.loads(made.stdout.splitlines()[-1]))


def main() -> None:
    """Print the pairs and their median ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--side", choices=["peer", "ours"])
    parser.add_argument("--file", type=Path)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.side == "peer":
        return peer(options.file)
    if options.side == "ours":
        return ours(options.file, options.folder)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "areas.gpkg"
        make(file, options.rows)
        run("--side", "peer", "--file", str(file))  # the file is in memory for both from here on
        ratios = []
        for pair in range(options.pairs):
            work = folder / f"pair{pair}"
            work.mkdir()
            mine = run("--side", "ours", "--file", str(file), "--folder", str(work))
            plain = run("--side", "peer", "--file", str(file))
            ratio = float(str(mine["seconds"])) / float(str(plain["seconds"]))
            ratios.append(ratio)
            print(f"pair {pair + 1}: fallow {mine}")
            print(f"        peer   {plain}")
            print(f"        ratio  {ratio:.1f}")
        print(f"median ratio {statistics.median(ratios):.1f} (goal: at most 12), {options.rows} rows")


if __name__ == "__main__":
    main()
