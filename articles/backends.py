from django.contrib.auth.backends import BaseBackend
from django.db.models import Model

from articles import access
from articles.models import Article, Image, Page

RULES: dict[type[Model], dict[str, access.Rule]] = {
    model: access.RULES[str(model._meta.model_name)] for model in (Article, Page, Image)
}


class ArticleBackend(BaseBackend):
    """Lets `user.has_perm(permission, article)` answer from our rules."""

    def has_perm(self, user_obj: access.Person, perm: str, obj: Model | None = None) -> bool:
        rule = RULES.get(type(obj), {}).get(perm) if obj else None
        if rule is None or obj is None:
            return False
        return type(obj)._default_manager.filter(rule(user_obj), pk=obj.pk).exists()
