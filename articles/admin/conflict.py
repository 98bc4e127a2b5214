"""Two people wrote at once: what the later one typed stays, and what the earlier one saved is shown beside it."""

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from articles.admin.desk import DeskForm
from articles.admin.revision import Change, State, changes
from articles.models import Article, Revision, Tag


@dataclass
class Merge:
    """`typed` is the form to show again: renewed, so that saving it takes effect."""

    saved: Revision | None  # what the other one saved
    typed: QueryDict
    both: list[Change] = field(default_factory=list)  # fields that both changed: the writer has to decide
    taken: list[Change] = field(default_factory=list)  # fields that only the other one changed: they are in the form
    agrees: bool = False  # the same was typed as is saved: somebody pressed Save twice


def merge(current: Article, posted: QueryDict, form: type[DeskForm[Article]]) -> Merge:
    """Take over what the writer left alone, and keep what they changed since the version they began with."""
    saved = current.revisions.select_related("by").first()
    began = current.revisions.filter(number=_number(posted)).first()
    typed = posted.copy()
    typed["expected_version"] = str(current.version)
    merged = Merge(saved, typed)
    if saved is None or began is None:
        return merged
    touched = form(posted, instance=current, initial=_initial(began.state)).changed_data
    theirs = changes(began.state, saved.state)
    merged.taken = [change for change in theirs if change.name not in touched]
    fresh = form(instance=current)
    for name in fresh.fields.keys() & {change.name for change in merged.taken}:
        typed.setlist(name, _as_posted(fresh, name))
    if " ".join(posted.get("note", "").split()) == saved.note:
        typed["note"] = ""  # is there already
    differing = form(typed, instance=current).changed_data
    merged.both = [change for change in theirs if change.name in touched and change.name in differing]
    merged.agrees = not differing
    return merged


def _number(posted: QueryDict) -> int:
    number = posted.get("expected_version", "")
    return int(number) if number.isdecimal() else 0


def _initial(state: State) -> dict[str, Any]:
    """A revision's state as a form takes it."""
    keys = [Tag.key_of(name) for name in state["tags"]]
    moment = Article._meta.get_field("published_at").to_python(state["published_at"])
    return {**state, "tags": list(Tag.objects.filter(key__in=keys)), "published_at": moment}


def _as_posted(form: DeskForm[Article], name: str) -> list[str]:
    """What a browser would send for this field if nobody touched it."""
    value = form[name].value()
    if isinstance(value, list):
        return [str(each) for each in value]
    return [form.fields[name].widget.format_value(value) or ""]
