"""Compressed files: gzip and Zstandard, unpacked no further than to a bound, so that a small file cannot fill the memory."""

import gzip
import zlib
from io import BytesIO
from pathlib import PurePath

import zstandard

from checker.errors import InputError

SUFFIXES = (".gz", ".zst")

# A window of 128 MB is the most that `zstd` itself unpacks without `--long`; a file may ask for more.
_WINDOW = 1 << 27
# What is handed to the decompressor at once: a block of four bytes can unpack to 128 KB, so that 1 KB gives 32 MB at most.
_PIECE = 1 << 10


def inner(path: PurePath) -> str:
    """The suffix that tells the format, in lower case: `.po` of `de.po` and of `de.po.gz`."""
    suffix = path.suffix.lower()
    return PurePath(path.stem).suffix.lower() if suffix in SUFFIXES else suffix


def unpacked(content: bytes, path: PurePath, most: int) -> bytes:
    """The bytes of a file, unpacked if its name says that it is compressed; raises `InputError` if they are more than `most`."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        return content
    try:
        found = _gzip(content, most) if suffix == ".gz" else _zstandard(content, most)
    except EOFError as error:
        raise InputError("is a compressed file that is cut off", remedy="compress it again") from error
    except (OSError, zlib.error, zstandard.ZstdError) as error:
        raise InputError(f"cannot be unpacked: {error}", remedy=f"is it what {suffix} says?") from error
    if len(found) > most:
        raise InputError(f"unpacks to more than {most:,} bytes", remedy="raise max_bytes to read it all the same")
    return found


def _gzip(content: bytes, most: int) -> bytes:
    with gzip.open(BytesIO(content)) as file:
        return file.read(most + 1)


def _zstandard(content: bytes, most: int) -> bytes:
    """Its frames, one after the other. The library's own streams end without a word where the file is cut off."""
    parts, size = [], 0
    frame = None
    for start in range(0, len(content), _PIECE):
        rest = content[start : start + _PIECE]
        while rest and size <= most:
            frame = frame or zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
            parts.append(frame.decompress(rest))
            size += len(parts[-1])
            rest, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
    if frame is not None and size <= most:
        raise EOFError
    return b"".join(parts)
