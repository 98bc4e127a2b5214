import re
import tomllib

from blogsite import env

README = (env.BASE_DIR / "README.md").read_text()
PROJECT = tomllib.loads((env.BASE_DIR / "pyproject.toml").read_text())


def test_the_readme_has_a_reason_for_every_dependency_and_for_no_other():
    declared = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    tables = README.partition("## Dependencies")[2]
    reasons = re.findall(r"^\| `([\w.-]+)` \| (?=\S)", tables, re.MULTILINE)
    assert sorted(reasons) == sorted(re.match(r"[\w.-]+", requirement)[0] for requirement in declared)


def test_every_command_that_the_readme_names_is_in_the_makefile():
    targets = re.findall(r"^([a-z]+):", (env.BASE_DIR / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)
    assert {"serve", "test"} <= set(named) <= set(targets)


def test_every_file_that_the_readme_links_to_is_there():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert [link for link in links if not (env.BASE_DIR / link).exists()] == []
