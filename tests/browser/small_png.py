"""Pictures of pages with 256 colours: half as large, and nobody sees it."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

COLOURS = 256
_BEGINS = b"\x89PNG\r\n\x1a\n"
Colour = tuple[int, int, int]


def make_small(file: Path) -> None:
    """Write a PNG of true colours, as a browser takes it, anew with the colours it has most."""
    width, height, pixels = _read(file.read_bytes())
    numbers = _numbers(pixels)
    palette = b"".join(map(bytes, list(numbers)[:COLOURS]))
    rows = b"".join(
        b"\0" + bytes(numbers[colour] for colour in pixels[at : at + width]) for at in range(0, width * height, width)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    file.write_bytes(_BEGINS + b"".join(_part(name, content) for name, content in parts))


def _part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _numbers(pixels: list[Colour]) -> dict[Colour, int]:
    """The number of each colour: its own, or that of the one most like it."""
    counted = [colour for colour, _ in Counter(pixels).most_common()]
    kept = counted[:COLOURS]
    numbers = {colour: number for number, colour in enumerate(kept)}
    for colour in counted[COLOURS:]:
        numbers[colour] = min(range(len(kept)), key=lambda number: _unlike(kept[number], colour))
    return numbers


def _unlike(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _read(png: bytes) -> tuple[int, int, list[Colour]]:
    parts = list(_parts(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
    assert (depth, interlaced, kind in (2, 6)) == (8, 0, True), "a browser takes another kind of picture now"
    step = 3 if kind == 2 else 4
    raw = zlib.decompress(b"".join(content for name, content in parts if name == b"IDAT"))
    pixels: list[Colour] = []
    for row in _rows(raw, width * step, step):
        pixels += zip(row[0::step], row[1::step], row[2::step], strict=True)
    return width, height, pixels


def _parts(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_BEGINS)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _rows(raw: bytes, width: int, step: int) -> Iterator[bytearray]:
    """Undo the filters (PNG specification, 9.2)."""
    above = bytearray(width)
    for at in range(0, len(raw), width + 1):
        kind, row = raw[at], bytearray(raw[at + 1 : at + 1 + width])
        for i in range(width):
            left, over, corner = (row[i - step], above[i], above[i - step]) if i >= step else (0, above[i], 0)
            guess = (0, left, over, (left + over) // 2, _paeth(left, over, corner) if kind == 4 else 0)[kind]
            row[i] = (row[i] + guess) & 255
        yield row
        above = row


def _paeth(left: int, over: int, corner: int) -> int:
    towards = left + over - corner
    return min((abs(towards - value), order, value) for order, value in enumerate((left, over, corner)))[2]
