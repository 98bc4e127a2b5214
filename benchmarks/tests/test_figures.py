from xml.etree import ElementTree

import pytest

from benchmarks.bench import chart, figures, report
from benchmarks.bench.figures import Bound, Sample, Taken
from benchmarks.bench.load import Outcome
from benchmarks.bench.runs import Measured, Pace

pytestmark = pytest.mark.once


def a_sample(cpu=1.0, **others):
    values = {"answered": 10, "per_second": 5.0, "p50": 1.0, "p99": 2.0, "database": 0.0, "others": 0.0, "size": 9.0}
    return Sample(cpu=cpu, **{**values, **others})


def found(**times):
    """Figures by `stack__kind`, with the processor time of each."""
    keys = {name: tuple(name.replace("__", "/").replace("_", " ").split("/")) for name in times}
    return figures.collect({keys[name]: [a_sample(time)] for name, time in times.items()})


@pytest.fixture
def document():
    some = found(
        postgresql__home=0.2, postgresql__list=0.4, postgresql_anew__list=6.0, fastapi_best__list=12.0,
        fastapi__list=18.0, gunicorn__home=0.1, gunicorn__list=0.2,
    )  # fmt: skip
    names = list(dict.fromkeys(stack for stack, _ in some))
    memory = {"servers": 100.0, "worker": 50.0, "processes": 3.0, "database": 20.0, "backends": 8.0}
    return {
        "machine": {"date": "2026-01-01", "processor": "One <fast> & good", "cores": "2", "memory": "8 GiB"},
        "pace": {"rounds": 3, "warm_up": 1.0, "measured": 3.0},
        "articles": 1000,
        "bytes": 4000,
        "titles": {name: name.title() for name in names},
        "left_out": {"Redis ways": "Redis"},
        "figures": figures.as_json(some),
        "verdicts": [{**vars(each), "met": each.met} for each in figures.verdicts(some)],
        "starts": {name: [1.0] for name in names},
        "at_rest": {name: [memory] for name in names},
        "loaded": {name: [memory] for name in names},
    }


def test_a_percentile_is_one_of_the_values():
    values = [float(number) for number in range(100, 0, -1)]
    assert [figures.percentile(values, share) for share in (0.5, 0.99, 1)] == [50, 99, 100]
    assert [figures.percentile([7.0], 0.99), figures.percentile([], 0.5)] == [7, 0]


def test_a_sample_is_of_one_request_and_of_what_is_not_ours_says_how_much():
    outcome = Outcome(seconds=2.0, received=1000)
    outcome.latencies.extend([0.001, 0.002, 0.003, 0.004])
    taken = Taken(servers=1.0, database=0.5, machine=2.5, client=0.25)
    sample = figures.sample(outcome, taken)
    assert (sample.per_second, sample.cpu, sample.database, sample.others) == (2.0, 375.0, 125.0, 0.375)
    assert (sample.p50, sample.p99, sample.size) == (2.0, 4.0, 250.0)


def test_a_figure_is_the_median_of_its_runs_and_keeps_every_error():
    runs = [a_sample(5.0), a_sample(1.0, errors={"status 500": 2}), a_sample(2.0, errors={"status 500": 1})]
    figure = figures.figure("a", "b", runs)
    assert (figure.cpu, figure.least, figure.most, figure.errors) == (2.0, 1.0, 5.0, {"status 500": 3})


@pytest.mark.parametrize(("times", "met"), [(2.0, True), (1.9, False)])
def test_a_bound_is_met_up_to_itself(times, met):
    [verdict] = figures.verdicts(found(ours__x=4.0, peer__x=2.0), [Bound("x", ("ours", "x"), times, ("peer", "x"))])
    assert (verdict.measured, verdict.met) == (2.0, met)


def test_a_bound_is_not_met_by_answers_that_were_wrong():
    wrong = figures.collect({("ours", "x"): [a_sample(1.0, errors={"status 500": 1})]})
    [verdict] = figures.verdicts(wrong, [Bound("x", ("ours", "x"), 5)])
    assert not verdict.met


def test_a_bound_whose_peer_was_left_out_is_not_judged():
    assert figures.verdicts(found(ours__x=4.0), [Bound("x", ("ours", "x"), 1, ("peer", "x"))]) == []


def test_growth_sets_each_kind_against_itself():
    some = found(small__home=2.0, large__home=3.0, large__list=1.0)
    assert [(each.measured, each.met) for each in figures.growth(some, "small", "large", "anew")] == [(1.5, False)]


def test_the_time_that_is_told_beforehand_has_starts_in_it():
    assert Pace(rounds=2, warm_up=1, measured=3).seconds([]) == 0


def test_the_tables_have_ratios_bounds_and_what_was_left_out(document):
    text = report.terminal(document)
    assert "Left out: Redis ways, for want of Redis." in text
    row = next(line for line in text.splitlines() if "Postgresql Anew" in line and "6.00" in line)
    assert row.split()[-2:] == ["0.333", "0.500"]  # times each of the FastAPI services
    assert "≤ 0.500× Fastapi Best" in text
    assert "NOT MET" in text


def test_what_went_wrong_stands_beside_the_figure(document):
    document["figures"][0]["errors"] = {"status 500": 3}
    document["figures"][1]["others"] = 0.5
    text = report.terminal(document)
    assert "3 × status 500" in text
    assert "disturbed" in text


def test_the_documentation_has_the_same_tables(document):
    lines = report.markdown(document).splitlines()
    widths = {line.count("|") for line in lines if "Postgresql Anew" in line and "6.00" in line}
    assert widths == {next(line for line in lines if line.startswith("| request")).count("|")}


def test_the_bounds_of_memory_and_start_are_medians():
    measured = Measured(starts={"sqlite": [1.0, 9.0, 2.0]}, at_rest={"sqlite": [{"worker": 50.0}]})
    assert [each.measured for each in report.of_processes(measured)] == [50.0, 2.0]


def test_the_chart_is_an_image_whose_bars_stay_within_it(document):
    image = ElementTree.fromstring(chart.draw(document))
    width, bars = float(image.get("width")), image.findall("{*}rect[@x]")
    assert len(bars) == 6  # no bar for what was not measured, no group of one bar
    assert all(float(bar.get("x")) + float(bar.get("width")) <= width for bar in bars)
    assert "prefers-color-scheme: dark" in chart.draw(document)
