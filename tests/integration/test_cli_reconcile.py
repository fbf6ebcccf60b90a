"""`reconcile` as a person types it: tables, exit codes, wrong input, and the workbook for the region."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from lapor_gateway.errors import ExitCode
from tests.support.command_line import Answered
from tests.support.endpoint import IndependentEndpoint
from tests.support.forked_command import forked_gateway
from tests.support.national_export import row, write_export
from tests.support.world import LOOK_UP, World

FORMULA = '=HYPERLINK("https://contoh.example","klik")'
Run = Callable[..., Answered]


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[IndependentEndpoint]:
    with IndependentEndpoint(tmp_path) as running:
        yield running


@pytest.fixture
async def world(tmp_path: Path, endpoint: IndependentEndpoint) -> World:
    made = World(tmp_path / "data", endpoint.url, look_up=LOOK_UP | {"maximum_lag": "0s"}, export_lag="0s")
    made.add(5)
    await made.sync()
    return made


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    def call(*words: str | Path, **environ: str) -> Answered:
        return forked_gateway("--data", world.root, *words, cwd=tmp_path, **environ)

    return call


def test_a_clean_run_says_what_each_side_proves_and_ends_with_0(run: Run) -> None:
    answered = run("reconcile", "--all")
    assert answered.code == ExitCode.DONE, answered.out
    assert answered.out.count("everything") == 3
    assert "All three sides agree" in answered.out


def test_a_difference_is_shown_and_ends_with_1_until_it_is_accepted(
    run: Run, world: World, endpoint: IndependentEndpoint
) -> None:
    one = world.ours()["2"]
    endpoint.order(drop=[one.tracking_id])
    answered = run("reconcile", "uji.tabel")
    assert answered.code == ExitCode.NEEDS_A_PERSON
    assert one.reference in answered.out
    assert "missing_at_national" in answered.out
    told = run("reconcile", "--all", "--json").json
    assert told["exit_code"] == 1
    assert told["differences"] == {"missing_at_national": {"found": 1, "open": 1}}
    assert [(one["kind"], one["subject"]) for one in told["open"]] == [("missing_at_national", one.reference)]
    accepted = run("findings", "accept", "--kind", "missing_at_national", "--reason", "salah akun")
    assert accepted.code == ExitCode.DONE
    again = run("reconcile", "--all", "--json")
    assert (again.code, again.json["differences"]) == (
        0,
        {"missing_at_national": {"accepted": 1, "found": 1}},
    )
    repeated = run("reconcile", "--repeat", str(again.json["run"]))
    assert (repeated.code, "the same result" in repeated.err) == (0, True)


def test_a_source_out_of_reach_ends_with_3(run: Run, world: World) -> None:
    world.source.rename(world.source.with_suffix(".away"))
    answered = run("reconcile", "--all")
    assert answered.code == ExitCode.OUT_OF_REACH
    assert "nothing" in answered.out
    assert "The database" in answered.err


def test_the_report_is_a_workbook_in_bahasa_indonesia_without_any_formula(
    run: Run, world: World, endpoint: IndependentEndpoint, tmp_path: Path
) -> None:
    ours = world.ours()
    assert run("reconcile", "--all").code == ExitCode.DONE
    endpoint.order(drop=[ours["2"].tracking_id], words={ours["3"].tracking_id: FORMULA})
    file = tmp_path / "laporan.xlsx"
    answered = run("reconcile", "--all", "--xlsx", file)
    assert (answered.code, f"Report written: {file}" in answered.out) == (ExitCode.NEEDS_A_PERSON, True)
    book = load_workbook(file)
    assert book.sheetnames == ["Ringkasan", "Perbedaan"]
    cells = [cell for sheet in book for line in sheet for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    texts = {str(cell.value) for cell in cells}
    assert {"Kabupaten Uji", "Tidak ada di LAPOR!", "terbuka", "Status berbeda", "diperbaiki"} <= texts
    assert any(FORMULA in text for text in texts)
    assert ours["2"].reference in texts


def test_the_export_in_place_of_the_listing(
    run: Run, world: World, endpoint: IndependentEndpoint, tmp_path: Path
) -> None:
    kept = sorted(endpoint.kept(), key=lambda one: one.at)
    rows = [row(one.tracking_id, one.at, "", one.body["content"]) for one in kept if one is not kept[2]]
    file = write_export(tmp_path / "unduhan.csv", rows)
    answered = run("reconcile", "--all", "--national", file)
    assert answered.code == ExitCode.NEEDS_A_PERSON
    assert str(kept[2].reference) in answered.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reconcile"], "Name the channels to reconcile, or say --all."),
        (["reconcile", "--all", "uji.tabel"], "Name channels or say --all, not both."),
        (["reconcile", "uji.tabl"], "There is no channel uji.tabl."),
        (["reconcile", "--all", "--since", "kemarin"], "kemarin"),
        (["reconcile", "--all", "--since", "2026-02-01", "--until", "2026-01-01"], "ends before it begins"),
        (["reconcile", "--all", "--national", "tidak-ada.xlsx"], "There is no file tidak-ada.xlsx."),
        (["reconcile", "--all", "--national", "endpoint.jsonl"], "endpoint.jsonl"),
        (["reconcile", "--all", "--xlsx", "tidak/ada.xlsx"], "There is no folder"),
        (["reconcile", "--repeat", "77"], "There is no reconciliation 77."),
        (["reconcile", "--repeat", "1", "--all"], "--repeat takes a run as it was"),
        (["findings", "accept", "--reason", "x"], "Name findings by their numbers"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(run: Run, words: list[str], said: str) -> None:
    answered = run(*words)
    assert (answered.code, answered.out) == (ExitCode.WRONG_USAGE, "")
    assert said in answered.err
    assert "Traceback" not in answered.err


def test_a_run_that_could_not_begin_is_not_left_running(run: Run, world: World) -> None:
    assert run("reconcile", "--all", "--national", "endpoint.jsonl").code == ExitCode.WRONG_USAGE
    runs: list[Any] = world.query("SELECT state FROM runs WHERE kind = 'reconcile'")
    assert [tuple(one) for one in runs] == [("failed",)]
