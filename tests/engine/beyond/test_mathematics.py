import doctest
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "mathematics.md"


def test_every_worked_example_of_the_page_comes_out_as_it_says():
    failed, attempted = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert failed == 0
    assert attempted > 60


def test_every_section_that_states_a_formula_works_an_example():
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    assert len(sections) >= 11
    assert [part.partition("\n")[0] for part in sections if ">>>" not in part] == []
