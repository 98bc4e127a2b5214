from django.contrib.auth.backends import BaseBackend
from django.db.models import Model

from articles import access
from articles.models import Article, Image

RULES: dict[type[Model], dict[str, access.Rule]] = {Article: access.ARTICLE_RULES, Image: access.IMAGE_RULES}


class ArticleBackend(BaseBackend):
    """Lets `user.has_perm(permission, article)` answer from our rules."""

    def has_perm(self, user_obj: access.Person, perm: str, obj: Model | None = None) -> bool:
        rule = RULES.get(type(obj), {}).get(perm) if obj else None
        if rule is None or obj is None:
            return False
        return type(obj)._default_manager.filter(rule(user_obj), pk=obj.pk).exists()
