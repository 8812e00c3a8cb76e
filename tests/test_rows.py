"""Rows of tables, slice by slice: every value as it stands, whatever the slices; and what is wrong is told with file and line."""

import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from checker import rows
from checker.config import Config
from checker.errors import InputError, NothingToCheck


def whole(*paths: Path, most: int = rows.ROWS) -> pl.DataFrame:
    folder = paths[0].parent / "copies"
    folder.mkdir(exist_ok=True)
    source, slices = rows.opened(paths, Config(), folder, most)
    assert [piece.row for piece in slices] == [sum(one.span.rows for one in slices[:at]) for at in range(len(slices))]
    assert max(piece.span.rows for piece in slices) <= most
    return pl.concat(rows.read(source, piece) for piece in slices)


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


FRAME = pl.DataFrame(
    {
        "id": [f"0{n}" for n in range(9)],
        "original": ["It rained.", "", "two\nlines", 'a "quote"', "מימין לשמאל", "a\x00b", "渡轮", "é\r\n", "😀"],
        "back": ["It rained.", "x", "a,b;c", "tab\there", "المعبر", "a", "b", "c", "d"],
    }
)


@pytest.mark.parametrize("most", [1, 2, 4, 100])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_rows_are_the_same_in_slices_of_any_size(tmp_path: Path, suffix: str, most: int) -> None:
    path = tmp_path / f"pairs{suffix}"
    writers: dict[str, Callable[..., object]] = {".jsonl": FRAME.write_ndjson, ".parquet": FRAME.write_parquet}
    writers.get(suffix, lambda at: FRAME.write_csv(at, separator="\t" if suffix == ".tsv" else ","))(path)
    assert_frame_equal(whole(path, most=most), FRAME)


def test_long_rows_make_slices_of_few(tmp_path: Path) -> None:
    long = pl.DataFrame({"original": ["a" * 1_000_000] * 40, "back": ["b"] * 40})
    for path, write in ((tmp_path / "a.parquet", long.write_parquet), (tmp_path / "a.csv", long.write_csv)):
        write(path)
        _, slices = rows.opened([path], Config(), tmp_path)
        assert len(slices) > 1


def test_files_of_one_kind_are_one_table_and_a_pattern_names_them_in_order(tmp_path: Path) -> None:
    for n in (2, 0, 1):
        FRAME.slice(3 * n, 3).write_parquet(tmp_path / f"part-{n}.parquet")
    assert_frame_equal(whole(tmp_path / "part-*.parquet", most=2), FRAME)
    other = tmp_path / "other.parquet"
    FRAME.drop("id").write_parquet(other)
    with pytest.raises(InputError, match=r"other\.parquet: has other columns than .*part-0\.parquet"):
        whole(tmp_path / "part-0.parquet", other)
    with pytest.raises(InputError, match="no file is named so"):
        whole(tmp_path / "no-*.parquet")
    FRAME.write_csv(tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"a\.csv: is \.csv, and the first file \.parquet"):
        whole(other, tmp_path / "a.csv")


@pytest.mark.parametrize(("kind", "content"), [("jsonl", FRAME.write_ndjson()), ("csv", FRAME.write_csv())])
def test_the_kind_of_the_standard_input_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, content: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    source, slices = rows.opened([rows.STDIN], Config(), tmp_path)
    assert source.kind == f".{kind}"
    assert_frame_equal(rows.read(source, slices[0]), FRAME)


def test_the_name_of_the_standard_input_says_its_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(name: str) -> rows.Source:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"original,version\na,b\n")))
        return rows.opened([rows.STDIN], Config(stdin_name=name), tmp_path)[0]

    assert opened("pairs.csv").kind == ".csv"
    with pytest.raises(InputError, match=r"pairs\.txt: is of no known suffix"):
        opened("pairs.txt")
    with pytest.raises(InputError, match="has no column"):
        opened("pairs.tsv")


# Types of JSON


def json_lines(path: Path, *lines: str) -> Path:
    return written(path, "\n".join(lines))


@pytest.mark.parametrize("most", [1, 2, 3])
def test_json_lines_of_mixed_types_keep_the_values_of_each_row(tmp_path: Path, most: int) -> None:
    path = json_lines(
        tmp_path / "pairs.jsonl",
        '{"original": "a", "version": "b", "id": 1, "more": {"k": "é"}, "score": 1, "tags": []}',
        '{"original": 7, "version": null, "id": "two", "more": "x", "score": 0.5, "tags": ["x"]}',
        '{"version": ["c"], "original": true, "id": 10000000000000000000000, "flag": true, "tags": null}',
    )
    expected = {
        "original": ["a", "7", "true"],
        "version": ["b", None, '["c"]'],
        "id": ["1", "two", "10000000000000000000000"],
        "more": ['{"k": "é"}', "x", None],
        "score": [1.0, 0.5, None],
        "tags": [[], ["x"], None],
        "flag": [None, None, True],
    }
    assert_frame_equal(whole(path, most=most), pl.DataFrame(expected))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["9007199254740993", "1"], [9007199254740993, 1]),
        (["9007199254740993", "1.5"], ["9007199254740993", "1.5"]),  # no float holds the first
        (["NaN", "1.5"], ["NaN", "1.5"]),
        (['{"k": 1, "l": [null]}', '{"k": 2, "l": ["x"]}'], [{"k": 1, "l": [None]}, {"k": 2, "l": ["x"]}]),
        (['{"k": 1}', '{"l": 1}'], ['{"k": 1}', '{"l": 1}']),
        (["[1]", "[1.5]"], [[1.0], [1.5]]),
        (["null", "null"], [None, None]),
    ],
)
def test_a_column_of_json_has_the_narrowest_type_that_holds_all(tmp_path: Path, values: list[str], expected: list[object]) -> None:
    path = json_lines(tmp_path / "pairs.jsonl", *(f'{{"en": "a", "mt": "b", "x": {value}}}' for value in values))
    for most in (1, 2):
        assert whole(path, most=most)["x"].to_list() == expected


# What is wrong


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.jsonl",
            '{"original": "a", "version": "b"}\n\n{]\n',
            r"a\.jsonl:3: line 3 is not JSON: Expecting property name .* column 2",
        ),
        ("a.jsonl", '{"original": "a", "version": "b"}\n[1]', "a.jsonl:2: line 2 is JSON, but no object"),
        ("a.jsonl", '{"original": "\\ud83d", "version": "b"}', "a.jsonl:1: line 1 is JSON that cannot be read: .*surrogates"),
        ("a.jsonl", "[" * 100_000, "a.jsonl:1: line 1 is JSON that cannot be read"),
        ("a.jsonl", '{"original": ["a"], "version": "b"}', "column 'original' does not hold text"),
        ("a.csv", "original,back\na,b\nc\n", r"a\.csv:3: row 3 has 1 cells, the header 2"),
        ("a.csv", 'original,back\na,b\n"c,d\n', r"a\.csv:3: row 3 is malformed"),
        ("a.csv", "original,original,back\na,b,c\n", "the column 'original' 2 times"),
        ("a.csv", "original,mine\na,b\n", "no column for the version"),
        ("a.csv", b"original,back\n" + "é,ü\n".encode() * 3 + b"a,caf\xe9\n", r"a\.csv:5: line 5 is not UTF-8.*0xE9 at offset 37"),
        ("a.csv", b"\xff\xfeo\x00r\x00\x00\xd8a\x00", "cannot be decoded as UTF-16"),
        ("a.csv", "\n\n", "a.csv: is empty"),
        ("a.parquet", "no parquet", r"a\.parquet: cannot be read"),
        ("a.xlsx", "x", "is of no known suffix"),
    ],
)
def test_what_cannot_be_read_is_told_with_file_and_line(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        whole(written(tmp_path / name, content))


def test_a_line_without_end_is_refused_before_it_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "LONGEST", 1_000_000)  # 16 million take a second to write
    for name, begin in (("a.csv", "original,back\na,b\n"), ("a.jsonl", '{"original": "a", "back": "b"}\n')):
        with pytest.raises(InputError, match=r":\d: line \d is longer than 1,000,000 characters"):
            whole(written(tmp_path / name, begin + "a" * 2_000_000))


def test_other_encodings_are_read_as_what_they_are(tmp_path: Path) -> None:
    text = "original,back\nÇa va à la fête demain matin.,Le café où elle était allée hier soir.\n" * 2
    for codec in ("utf-8-sig", "utf-16", "cp1252"):
        path = written(tmp_path / f"{codec}.csv", text.encode(codec))
        assert whole(path, most=1).row(0) == ("Ça va à la fête demain matin.", "Le café où elle était allée hier soir.")


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "original,back\na,b\nc,d\n")
    source, slices = rows.opened([path], Config(), tmp_path)
    written(path, "original,back\na,b")
    with pytest.raises(InputError, match="changed while it was read"):
        rows.read(source, slices[0])


def test_a_table_without_rows_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(NothingToCheck):
        whole(written(tmp_path / "a.csv", "original,back\n"))
