"""What each role may do to everything, as permissions of its group. Made after every `migrate`."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission

from accounts.roles import Role

WRITES = {"articles.add_article", "articles.add_image", "articles.view_image"}
PUBLISHES_OWN = {"articles.publish_own_article", "articles.add_tag", "articles.view_tag", "articles.view_series"}
EDITS_ALL = {
    "articles.publish_article",
    "articles.publish_page",
    "articles.view_revision",
    *(
        f"articles.{verb}_{noun}"
        for verb in ("view", "add", "change", "delete")
        for noun in ("article", "page", "tag", "series", "image", "redirect")
    ),
}
RUNS_THE_SITE = {
    "articles.view_sitesettings",
    "articles.change_sitesettings",
    "articles.view_delivery",
    *(f"articles.{verb}_webhook" for verb in ("view", "add", "change", "delete")),
    *(f"accounts.{verb}_user" for verb in ("view", "add", "change", "delete")),
    *(f"accounts.{verb}_personaltoken" for verb in ("view", "delete")),
}
PERMISSIONS: dict[Role, set[str]] = {
    Role.CONTRIBUTOR: WRITES,
    Role.AUTHOR: WRITES | PUBLISHES_OWN,
    Role.EDITOR: WRITES | PUBLISHES_OWN | EDITS_ALL,
    Role.ADMINISTRATOR: WRITES | PUBLISHES_OWN | EDITS_ALL | RUNS_THE_SITE,
}


def make_groups(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Give each role's group exactly the permissions of the table, once those exist."""
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.using(using).select_related("content_type")
    }
    for role, names in PERMISSIONS.items():
        group, _ = Group.objects.using(using).get_or_create(name=role.value)
        group.permissions.set([known[name] for name in names if name in known])
