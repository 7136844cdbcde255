"""People: each once, every cell checked, and no address anywhere."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychoscales.errors import ColumnError, DataError, SourceError
from psychoscales.frames.source import Column
from psychoscales.protocol.sample import first_or_last, read_sample
from psychoscales.protocol.study import Study, study
from tests.protocol.making import people, small


def of(**changes: Any) -> Study:
    return study(small(**changes))


def twice() -> pd.DataFrame:
    """Six people of whom the second sent three forms and the last left no address."""
    frame = people(6)
    again = frame.iloc[[1, 1]].assign(email=["  PERSON1@example.org", "Person1@Example.ORG "])
    frame = pd.concat([frame, again.assign(age=[50, 60])], ignore_index=True)
    frame.loc[5, "email"] = ""
    frame.loc[4, "email"] = None
    return frame


@pytest.mark.parametrize(("keep", "age"), [("first", None), ("last", 60)])
def test_a_person_counts_once(keep: str, age: int | None) -> None:
    frame = twice()
    tree = small()
    tree["sample"]["duplicates"]["keep"] = keep
    loaded = study(tree)
    sample = read_sample(loaded.document, loaded.scales, frame, loaded.document.binding)
    assert (sample.rows, sample.dropped, sample.n) == (8, 2, 6)
    ages = sample.numbers("age").tolist()
    kept = frame.loc[1, "age"] if age is None else age
    assert kept in ages
    assert len(sample.numbers("phq9_total")) == 6
    steps = loaded.run(frame).tables["participation"].to_frame().set_index("step")["n"]
    assert steps.loc[["rows", "duplicates", "analysed"]].tolist() == [8, 2, 6]


@given(
    st.lists(st.one_of(st.none(), st.sampled_from(["a", "A ", "b", "ｂ", "1", "１"])), max_size=12)
)
def test_first_and_last_keep_the_same_people(values: list[str | None]) -> None:
    levels = tuple(dict.fromkeys(value for value in values if value is not None))
    codes = pd.array([-1 if v is None else levels.index(v) for v in values], dtype="int64")
    column = Column("who", levels=levels, codes=codes.to_numpy())
    first, held = first_or_last(column, "first")
    last, _ = first_or_last(column, "last")
    nobody = sum(value is None for value in values)
    assert first.sum() == last.sum() == len(held) + nobody
    assert all(first[at] and last[at] for at, value in enumerate(values) if value is None)


def contents(path: Path) -> bytes:
    """A file's bytes, and those of its parts where it is a zip archive."""
    content = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(path) as archive:
            return content + b"".join(archive.read(name) for name in archive.namelist())
    return content


def test_no_address_reaches_any_output(tmp_path: Path) -> None:
    frame = twice()
    loaded = of()
    result = loaded.run(frame)
    texts = [str(result), repr(result), result._repr_html_(), repr(vars(result)), repr(loaded)]
    sample = read_sample(loaded.document, loaded.scales, frame, loaded.document.binding)
    texts += [repr(sample), str(sample), str(loaded.compare(result))]
    texts += [table.to_frame().to_string() for table in result.tables.values()]
    written = result.write(tmp_path)
    assert len(written) >= 20
    for shown in [*(text.encode() for text in texts), *map(contents, written)]:
        assert b"example.org" not in shown.lower()
        assert b"person1" not in shown.lower()


def test_no_address_reaches_a_message() -> None:
    frame = people(6).astype({"often": object})
    frame.loc[2, "often"] = "person2@example.org"
    frame.loc[3, "often"] = "someone@else.where"
    with pytest.raises(DataError) as caught:
        of().run(frame)
    assert "(withheld)" in str(caught.value)
    assert "@" not in str(caught.value)
    assert "@" not in repr(caught.value.cells)
    tree = small()
    tree["binding"]["variables"]["often"] = {"column": "Email"}
    with pytest.raises(ColumnError, match="is no item and no variable"):
        study(tree).run(people(6))
    numbered = people(6).assign(email=[7001, 7002, 7003, 7004, 7005, 7006])
    numbered["often"] = [1, 2, 3, 1, 2, 7006]
    with pytest.raises(DataError) as caught:
        of().run(numbered)
    assert "7006" not in str(caught.value)


def test_without_the_column_nobody_looked() -> None:
    result = of().run(people(6).drop(columns="email"))
    assert result.dropped is None
    assert "nobody looked for second entries" in str(result)
    with pytest.raises(ColumnError, match="did you mean 'e_mail'"):
        of().run(people(6).rename(columns={"email": "e_mail"}))


def test_answers_are_decoded_forgivingly() -> None:
    frame = people(6)
    frame["often"] = ["Never", " sometimes ", "３", "3", "", "1.0"]
    frame["sex"] = ["Female", "M", "f", "Prefer not to say", "x", None]
    frame["age"] = ["38 years", "４１", "20", "-9", "", "55years"]
    frame["help_drugs"] = ["yes", "no", "x", "", "Drugs", "0"]
    loaded = of()
    sample = read_sample(loaded.document, loaded.scales, frame, loaded.document.binding)
    often = sample.numbers("often")
    assert often[:4].tolist() == [1, 2, 4, 4]
    assert often[5] == 1
    assert pd.isna(often[4])
    assert sample.variables["sex"].places.tolist() == [0, 1, 0, -1, -1, -1]
    ages = sample.numbers("age")
    assert ages[[0, 1, 2, 5]].tolist() == [38, 41, 20, 55]
    assert pd.isna(ages[[3, 4]]).all()
    assert sample.variables["help"].places[:, 0].tolist() == [1, 0, 1, 0, 1, 0]
    tree = small()
    tree["variables"][3]["blank"] = "missing"
    strict = study(tree)
    again = read_sample(strict.document, strict.scales, frame, strict.document.binding)
    assert again.variables["help"].places[:, 0].tolist() == [1, 0, 1, -1, 1, 0]


def test_every_unknown_value_is_reported_and_none_of_a_dropped_row() -> None:
    frame = people(6).astype({"often": object, "age": object})
    frame.loc[0, "often"], frame.loc[1, "age"], frame.loc[2, "phq9_1"] = "daily", 150, 7
    with pytest.raises(DataError) as caught:
        of().run(frame)
    assert {(cell.row, cell.column) for cell in caught.value.cells} == {
        (1, "often"),
        (2, "age"),
        (3, "phq9_1"),
    }
    assert "Never" not in caught.value.cells[0].found
    sound = of().run(frame, bad="missing").tables["counts"].to_frame()
    assert sound[sound["variable"] == "often"]["missing"].tolist() == [1, 1, 1]
    wrong = pd.concat([people(6), people(6).iloc[[0]].assign(often=9)], ignore_index=True)
    assert of().run(wrong).n == 6


def test_the_same_answers_score_under_both_codings() -> None:
    loaded = of()
    sample = read_sample(loaded.document, loaded.scales, people(20), loaded.document.binding)
    one, two = sample.numbers("dd_kobori2021_1to6_total"), sample.numbers("dd_kobori2021_total")
    assert (one - two == 12).all()


def test_frames_and_files_give_the_same(tmp_path: Path) -> None:
    frame = people(25)
    frame.to_csv(tmp_path / "answers.csv", index=False)
    wanted = str(of().run(frame))
    assert str(of().run(tmp_path / "answers.csv")) == wanted
    assert str(of().run(pl.from_pandas(frame))) == wanted
    with pytest.raises(SourceError, match="lazy"):
        of().run(pl.from_pandas(frame).lazy())


def test_another_file_may_have_another_binding() -> None:
    frame = people(12)
    other = frame.rename(columns={"age": "How old?"})
    bound = {"variables": {"age": {"column": "How old?"}}}
    assert str(of().run(other, binding=bound)) == str(of().run(frame))


def test_made_up_people_are_called_so(tmp_path: Path) -> None:
    result = of().run(people(12).assign(synthetic=True))
    assert result.synthetic
    assert str(result).count("SYNTHETIC data") == len(result.grids)
    for path in result.write(tmp_path):
        assert path.name.startswith("synthetic_small_")
        if path.suffix == ".csv":
            assert pd.read_csv(path)["synthetic"].all()
    assert not of().run(people(12)).synthetic
