"""Text files: encodings, delimiters, compression; and what is wrong with a file, said plainly."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import psychoscales as ps
from psychoscales.frames.files import open_file
from tests.reading.forms import ITEMS, LABELS, ROWS, SCALE, csv, positions, write

JAPANESE = csv([["３５", *(LABELS[code]["ja"] for code in row)] for row in ROWS]).replace(
    "mood_1", "年齢,mood_1"
)


def test_csv(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", csv())
    assert positions(path) == ROWS
    assert positions(str(path)) == ROWS


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", csv(), "utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert positions(path) == ROWS
    assert positions(path, binding={"encoding": "utf-8"}) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_japanese_labels_and_ages_in_utf_8(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "a.csv", JAPANESE, encoding)
    assert positions(path) == ROWS
    assert ps.read(path, SCALE, keep="年齢").column("年齢").tolist() == [35] * 4


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-16-le", "utf-16"])
def test_another_encoding_is_read_where_the_binding_says_so(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "a.csv", JAPANESE, encoding)
    people = ps.read(path, SCALE, binding={"encoding": encoding}, keep="年齢")
    assert people.blocks["mood"].positions.tolist() == ROWS
    assert people.column("年齢").tolist() == [35] * 4


def test_cp932_that_nobody_told_of_is_an_error_that_says_what_to_write(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", JAPANESE, "cp932")
    with pytest.raises(ps.SourceError) as caught:
        ps.read(path, SCALE)
    assert str(caught.value) == (
        "a.csv is not UTF-8 text; say which it is in a binding, "
        'such as encoding = "cp932" for Japanese Excel'
    )


def test_cp932_far_down_in_a_file_is_the_same_error(tmp_path: Path) -> None:
    text = csv([[*row, ""] for row in ROWS] * 600, header=(*ITEMS, "remark")) + "0,0,0,数日\n"
    assert positions(write(tmp_path / "a.csv", text, "utf-8")) == [*ROWS * 600, [0, 0, 0]]
    with pytest.raises(ps.SourceError, match=r"b.csv is not UTF-8 text"):
        ps.read(write(tmp_path / "b.csv", text, "cp932"), SCALE)


def test_an_encoding_the_file_is_not_in_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", JAPANESE, "utf-8")
    with pytest.raises(ps.SourceError, match=r"a.csv is not ascii text"):
        ps.read(path, SCALE, binding={"encoding": "ascii"})


def test_an_encoding_that_does_not_exist_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", csv())
    with pytest.raises(ps.SourceError, match="there is no encoding called 'cp9321'"):
        ps.read(path, SCALE, binding={"encoding": "cp9321"})


@pytest.mark.parametrize(
    ("name", "delimiter"),
    [("a.tsv", "\t"), ("a.txt", "\t"), ("a.csv", ";"), ("a.csv", "\t"), ("a.CSV", ","), ("b", ",")],
)
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, name: str, delimiter: str) -> None:
    path = write(tmp_path / (name if "." in name else "b.Csv"), csv(delimiter=delimiter))
    assert positions(path) == ROWS


def test_commas_in_a_quoted_name_are_no_delimiter(tmp_path: Path) -> None:
    header = ['"How are you, today, now, really?"', *ITEMS]
    text = csv([["fine", *row] for row in ROWS], ";", header)
    people = ps.read(
        write(tmp_path / "a.csv", text), SCALE, keep="How are you, today, now, really?"
    )
    assert people.blocks["mood"].positions.tolist() == ROWS
    assert people.column("How are you, today, now, really?").tolist() == ["fine"] * 4


def test_another_delimiter_is_used_where_the_binding_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", csv(delimiter="|"))
    assert positions(path, binding={"delimiter": "|"}) == ROWS
    with pytest.raises(ps.ColumnError, match=r"its columns: mood_1\|mood_2\|mood_3"):
        ps.read(path, SCALE)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.tsv.gz", "a.CSV.GZ"])
def test_compressed_files(tmp_path: Path, name: str) -> None:
    text = csv(delimiter="\t" if "tsv" in name else ",")
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode("utf-8-sig")))
    assert positions(path) == ROWS


def test_a_compressed_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(JAPANESE.encode("cp932")))
    assert positions(path, binding={"encoding": "cp932"}) == ROWS
    with pytest.raises(ps.SourceError, match=r"a.csv.gz is not UTF-8 text"):
        ps.read(path, SCALE)


def test_a_file_that_is_only_called_gz_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv.gz", csv())
    with pytest.raises(ps.SourceError, match=r"a\.csv\.gz"):
        ps.read(path, SCALE)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
def test_line_ends_of_every_system(tmp_path: Path, end: str) -> None:
    assert positions(write(tmp_path / "a.csv", csv().replace("\n", end))) == ROWS


def test_a_file_without_an_end_of_its_last_line(tmp_path: Path) -> None:
    assert positions(write(tmp_path / "a.csv", csv().rstrip())) == ROWS


def test_quoted_cells_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    text = 'note,mood_1,mood_2,mood_3\n"one, ""two""\nthree","1","2","3"\nfour,0,0,0\n'
    people = ps.read(write(tmp_path / "a.csv", text), SCALE, keep="note")
    assert people.blocks["mood"].positions.tolist() == [[1, 2, 3], [0, 0, 0]]
    assert people.column("note").tolist() == ['one, "two"\nthree', "four"]


def test_a_blank_line_is_nobody_and_a_line_of_delimiters_is_somebody(tmp_path: Path) -> None:
    text = csv(ROWS[:1]) + "\n,,\n" + csv(ROWS[1:2]).split("\n", 1)[1]
    assert positions(write(tmp_path / "a.csv", text)) == [ROWS[0], [-1, -1, -1], ROWS[1]]


@pytest.mark.parametrize("text", ["", "\n", "\n\n\n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "empty.csv", text)
    with pytest.raises(ps.SourceError, match=r"empty.csv: No columns to parse from file"):
        ps.read(path, SCALE)


def test_a_file_of_only_a_header_has_nobody(tmp_path: Path) -> None:
    people = ps.read(write(tmp_path / "nobody.csv", csv([])), SCALE)
    assert people.n == 0
    assert people.blocks["mood"].positions.shape == (0, 3)
    assert repr(people) == "Responses of 0 people to mood 1.0.0 (from nobody.csv)"


def test_nobody_is_scored_and_counted_as_nobody(tmp_path: Path) -> None:
    people = ps.read(write(tmp_path / "nobody.csv", csv([])), SCALE)
    scores = ps.score(people)
    assert scores.to_frame().shape == (0, 3)
    assert list(scores.to_frame()) == ["mood_total", "mood_total_n_valid", "mood_total_status"]
    assert "total" in str(scores)
    assert ps.count(people).n == 0
    table = ps.items(people).to_frame()
    assert table["n"].tolist() == [0, 0, 0]
    assert table["mean"].isna().all()


def test_reliability_of_nobody_is_refused_by_name(tmp_path: Path) -> None:
    people = ps.read(write(tmp_path / "nobody.csv", csv([])), SCALE)
    with pytest.raises(ps.RefusalError, match="nobody answered every item; two are needed"):
        ps.reliability(people)


def test_a_row_with_more_cells_than_the_header_has_names_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "long.csv", csv() + "1,2,3,0\n")
    with pytest.raises(ps.SourceError, match=r"long.csv: .*Expected 3 fields in line 6, saw 4"):
        ps.read(path, SCALE)


@pytest.mark.parametrize("more", [",1", ",1,1", ","])
def test_rows_that_all_have_more_cells_than_the_header_are_refused(
    tmp_path: Path, more: str
) -> None:
    header, *rows = csv().splitlines()
    text = "\n".join([header, *(row + more for row in rows)])
    path = write(tmp_path / "long.csv", text)
    with pytest.raises(ps.SourceError, match="more fields than its header has names"):
        ps.read(path, SCALE)


def test_a_row_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "short.csv", csv() + "2,2\n")
    row = len(ROWS) + 1
    with pytest.raises(ps.SourceError, match=rf"short.csv: row {row} has fewer fields"):
        ps.read(path, SCALE)
    quoted = csv() + '"1","2\n","3"\n'
    assert positions(write(tmp_path / "quoted.csv", quoted)) == [*ROWS, [1, 2, 3]]


def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "open.csv", csv() + '"1,2,3\n1,2,3\n')
    with pytest.raises(ps.SourceError, match=r"open.csv: .*EOF inside string"):
        ps.read(path, SCALE)


def test_no_such_file_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path / "visit1.csv", csv())
    write(tmp_path / "zebra.csv", csv())
    with pytest.raises(ps.SourceError) as caught:
        ps.read(tmp_path / "vist1.csv", SCALE)
    wanted = f"there is no file {tmp_path / 'vist1.csv'}; did you mean 'visit1.csv'?"
    assert str(caught.value) == wanted


def test_no_such_file_in_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(ps.SourceError, match=r"there is no file .*a.csv$"):
        ps.read(tmp_path / "nowhere" / "a.csv", SCALE)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ps.SourceError) as caught:
        ps.read(tmp_path, SCALE)
    assert str(tmp_path) in str(caught.value)
    assert f"did you mean '{tmp_path.name}'" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.docx", "a", "a.gz", "a.csv.zip"])
def test_a_kind_of_file_that_cannot_be_read_lists_those_that_can(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, csv())
    message = r"files that can be read end in \.csv, \.tsv, \.txt, \.xlsx, \.sav, \.dta"
    with pytest.raises(ps.SourceError, match=message):
        ps.read(path, SCALE)


def test_how_much_has_been_read_is_told_while_reading(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", csv(ROWS * 60_000))
    ticks: list[tuple[int, int]] = []
    open_file(path, tick=lambda done, size: ticks.append((done, size)))
    size = path.stat().st_size
    assert len(ticks) >= 3
    assert [done for done, _ in ticks] == sorted(done for done, _ in ticks)
    assert {every for _, every in ticks} == {size}
    assert 0 < ticks[0][0] < size == ticks[-1][0]


def test_a_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", csv())
    before = path.read_bytes()
    ps.score(path, SCALE)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]
