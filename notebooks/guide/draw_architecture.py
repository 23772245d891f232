"""Draws which room of the package imports which, floor by floor, and gathers what each room says of itself.

    python notebooks/guide/draw_architecture.py

A room is a folder of `sextortion_detect`, or a module beside them. The floors, and the few steps upward that are
allowed, are those of `tests/test_floors.py`; the picture (`architecture.svg`) and the table in `architecture.md` are the
same to the byte when written again, and `tests/test_guide.py` says when they are stale.
"""

import ast
import re
import runpy
import sys
from collections import defaultdict
from html import escape
from itertools import accumulate, pairwise
from pathlib import Path

from sklearn.isotonic import isotonic_regression

HERE = Path(__file__).parent
TESTS = HERE.parent.parent / "tests"
BEGIN, END = (
    "<!-- rooms: written by notebooks/guide/draw_architecture.py -->",
    "<!-- end of rooms -->",
)

FLOOR_NAMES = (
    "words of the domain", "text, readers", "model", "verdict", "what a person sees", "workshop", "doors",
)  # fmt: skip
BOX, LANE = 118, 12  # how wide a room is, and a passing arrow
HIGH, ROW, LEFT, EDGE = 26, 64, 150, 20
GAP = 10
ROUNDS = 60

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1d2b33 } .floor { fill: #54707d; font-style: italic }
.band { fill: #f3f6f7 } .odd { fill: #e9eff1 } rect.room { fill: #fff; stroke: #2f6f7e; stroke-width: 1.2 }
path { fill: none; stroke: #7d99a3; stroke-width: 1 } path.up { stroke: #b4472e; stroke-dasharray: 4 3 }
marker path { fill: #7d99a3; stroke: none } marker#up path { fill: #b4472e }
"""


def floors():
    """What `tests/test_floors.py` knows: the floors, the steps upward, and how imports are read."""
    sys.path.insert(0, str(TESTS))
    try:
        return runpy.run_path(str(TESTS / "test_floors.py"))
    finally:
        sys.path.remove(str(TESTS))


def room_of(name, floor_of_room):
    """The room of a module of the package: `page.chat_page` lies in `page`."""
    return name if name in floor_of_room else name.partition(".")[0]


def imports_between(known, package):
    """Each pair of rooms of which the first imports the second."""
    pairs = set()
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package).as_posix()
        here = room_of(place.removesuffix(".py").removesuffix("/__init__").replace("/", "."), known["FLOORS"])
        for _, name in known["imported"](path):
            if known["is_ours"](name):
                there = room_of(name.partition(".")[2] or "__init__", known["FLOORS"])
                if there != here:
                    pairs.add((here, there))
    return pairs


def reached(start, steps):
    """All that can be reached from a room."""
    found, waiting = set(), [start]
    while waiting:
        new = steps[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def needed(pairs):
    """The pairs that no longer way implies: what is left says the same with a third of the arrows."""
    steps = defaultdict(set)
    for here, there in pairs:
        steps[here].add(there)
    return sorted(
        (here, there)
        for here, there in pairs
        if not any(there in reached(other, steps) for other in steps[here] - {there})
    )


def rows_of(pairs, rooms, floor_of_room):
    """In which row each room stands, counted from the top: by floor, and on a floor below all who import it."""
    depth, row, first = {}, 0, {}
    for floor in sorted({floor_of_room[room] for room in rooms}, reverse=True):
        here = [room for room in rooms if floor_of_room[room] == floor]
        above = {room: {a for a, b in pairs if b == room and a in here} for room in here}
        local = {}
        while len(local) < len(here):
            ready = [room for room in here if room not in local and above[room] <= local.keys()]
            if not ready:
                raise ValueError(f"Rooms of floor {floor} import each other in a circle.")
            local |= {room: 1 + max((local[one] for one in above[room]), default=-1) for room in ready}
        depth |= {room: row + local[room] for room in here}
        first[floor] = row
        row += 1 + max(local.values())
    return depth, first, row


def places(depth, pairs, many):
    """Where along its row each room and each passing arrow stands: close to what it is tied to, without overlap."""
    rows, ties, lanes = [[] for _ in range(many)], defaultdict(list), {}
    for room in sorted(depth):
        rows[depth[room]].append(room)
    for here, there in pairs:
        low, high = sorted((depth[here], depth[there]))
        lanes[here, there] = [(here, there, row) for row in range(low + 1, high)]
        for lane in lanes[here, there]:
            rows[lane[2]].append(lane)
        way = [here, *lanes[here, there], there] if depth[here] < depth[there] else [there, *lanes[here, there], here]
        for one, other in pairwise(way):
            ties[one].append(other)
            ties[other].append(one)
    x = {}
    for row in rows:
        _spread(row, x)
    for turn in range(ROUNDS):
        for row in rows if turn % 2 else reversed(rows):
            wanted = {
                one: sum(x[other] for other in ties[one]) / len(ties[one]) if ties[one] else x[one] for one in row
            }
            row.sort(key=lambda one: (round(wanted[one], 3), str(one)))
            _spread(row, x, wanted)
    left = min(x[one] - _width(one) / 2 for one in x)
    return {one: round(x[one] - left, 1) for one in x}, lanes


def _width(one):
    return LANE if isinstance(one, tuple) else BOX


def _spread(row, x, wanted=None):
    """Sets a row in its order, without overlap and as near to what is wanted as can be (least squares)."""
    ends = list(accumulate(_width(one) + GAP for one in row))
    middles = [end - _width(one) / 2 for one, end in zip(row, ends, strict=True)]
    apart = [wanted[one] - middle if wanted else 0.0 for one, middle in zip(row, middles, strict=True)]
    x |= dict(zip(row, (isotonic_regression(apart) + middles).tolist(), strict=True))


def picture(known, package):
    """The SVG: rooms in their rows, an arrow for each import that no other implies, upward ones dashed."""
    pairs = imports_between(known, package)
    floor_of_room = {room: known["floor_of"](room) for pair in pairs for room in pair}
    upward = {(here, there) for here, there in pairs if floor_of_room[here] < floor_of_room[there]}
    drawn = needed(pairs - upward) + sorted(upward)
    depth, first, many = rows_of(pairs - upward, sorted(floor_of_room), floor_of_room)
    x, lanes = places(depth, drawn, many)
    x = {one: place + LEFT for one, place in x.items()}
    wide = round(max(x[one] + _width(one) / 2 for one in x) + EDGE)
    tall = many * ROW + EDGE
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" role="img"'
        ' aria-label="Which room of the package imports which, floor by floor">',
        f"<style>{STYLE}</style>", '<rect width="100%" height="100%" fill="#fff"/>',
        *(
            f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0L8 4L0 8z"/></marker>' for name in ("down", "up")
        ),
    ]  # fmt: skip
    starts = sorted(first.items(), key=lambda one: one[1])
    for place, (floor, row) in enumerate(starts):
        end = starts[place + 1][1] if place + 1 < len(starts) else many
        top = EDGE / 2 + row * ROW
        svg.append(
            f'<rect class="band{" odd" if floor % 2 else ""}" x="0" y="{top:g}" width="{wide}" height="{(end - row) * ROW}"/>'
        )
        svg.append(f'<text class="floor" x="12" y="{top + 24:g}">{floor}  {escape(FLOOR_NAMES[floor])}</text>')
    middle = {room: EDGE / 2 + depth[room] * ROW + ROW / 2 for room in depth}
    for here, there in drawn:
        side = HIGH / 2 if middle[here] < middle[there] else -HIGH / 2
        points = [
            (x[here], middle[here] + side),
            *((x[lane], EDGE / 2 + lane[2] * ROW + ROW / 2) for lane in lanes[here, there]),
        ]
        points = [
            points[0],
            *sorted(points[1:], key=lambda one: one[1], reverse=side < 0),
            (x[there], middle[there] - side),
        ]
        way = f"M{points[0][0]:g} {points[0][1]:g}"
        for (x1, y1), (x2, y2) in pairwise(points):
            half = (y1 + y2) / 2
            way += f"C{x1:g} {half:g} {x2:g} {half:g} {x2:g} {y2:g}"
        kind = "up" if (here, there) in upward else "down"
        svg.append(
            f'<path class="{kind}" data-from="{here}" data-to="{there}" marker-end="url(#{kind})" d="{way}">'
            f"<title>{here} imports {there}</title></path>"
        )
    for room in sorted(depth, key=lambda one: (depth[one], x[one])):
        name = "sextortion_detect" if room == "__init__" else room
        top = middle[room] - HIGH / 2
        svg.append(
            f'<rect class="room" id="{room}" x="{x[room] - BOX / 2:g}" y="{top:g}" width="{BOX}" height="{HIGH}" rx="4"/>'
            f'<text x="{x[room]:g}" y="{middle[room] + 4:g}" text-anchor="middle">{name}</text>'
        )
    return "\n".join([*svg, "</svg>", ""])


def first_sentence(path):
    """The opening sentence of a module's docstring, on one line."""
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    paragraph = " ".join(told.split("\n\n")[0].split())
    return re.match(r".+?[.?!](?=\s|$)|.+", paragraph).group()


def table(known, package):
    """What each room says of itself, from the top floor down, as Markdown."""
    lines = ["| floor | room | what it says of itself |", "|--:|---|---|"]
    rooms = [*(path.parent for path in package.glob("*/__init__.py")), *package.glob("*.py")]
    rooms = [(-known["floor_of"](path.stem), path.stem, path) for path in rooms]
    for floor, name, path in sorted(rooms):
        shown = "`sextortion_detect`" if name == "__init__" else f"`{name}/`" if path.is_dir() else f"`{name}`"
        said = first_sentence(path / "__init__.py" if path.is_dir() else path).replace("|", "\\|")
        lines.append(f"| {-floor} | {shown} | {said} |")
    return "\n".join(lines)


def with_table(page, rooms):
    """The page with the table between its marks."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{rooms}\n{END}{rest.partition(END)[2]}"


def main():
    """Write the picture, and the table into the page."""
    known = floors()
    (HERE / "architecture.svg").write_text(picture(known, known["PACKAGE"]), encoding="utf-8")
    page = HERE / "architecture.md"
    page.write_text(
        with_table(page.read_text(encoding="utf-8"), table(known, known["PACKAGE"])),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
