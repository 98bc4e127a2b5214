import zoneinfo
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blogsite.prepared import Prepared


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone. Give one such as Europe/Berlin."), params={"name": name})


def languages() -> list[tuple[str, Any]]:
    """Each by its code and its name, which Django knows in the language of whoever reads it."""
    return [(code, _(name)) for code, name in settings.LANGUAGES]


class SiteSettingsManager(models.Manager["SiteSettings"]):
    def locked(self) -> "SiteSettings":
        """The settings, nobody else's to change until the transaction ends; made where nobody has saved any."""
        self.get_or_create(pk=SiteSettings.ONLY)
        return self.select_for_update().get(pk=SiteSettings.ONLY)


class SiteSettings(models.Model):
    """What the people who run the site say about it. One row; what operators set comes from the environment."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    title = models.CharField(_("title"), max_length=100, default="blogsite")
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("For search engines and feed readers."))
    language = models.CharField(_("language"), max_length=20, choices=languages, default="en")
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[validate_time_zone])
    articles_per_page = models.PositiveSmallIntegerField(
        _("articles on a page"), default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    footer = models.TextField(_("footer"), blank=True)
    license_name = models.CharField(_("licence"), max_length=100, blank=True, help_text=_("Such as CC BY 4.0."))
    license_url = models.URLField(_("its text"), blank=True, help_text=_("Where the licence can be read."))
    public_history = models.BooleanField(
        _("public history"),
        default=True,
        help_text=_("Readers can see what changed in an article since it was published."),
    )
    menu = models.JSONField(default=list, editable=False, help_text="The standing pages in the menu, with their dates.")

    objects = SiteSettingsManager()

    class Meta:
        verbose_name = verbose_name_plural = _("site settings")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="site_settings_one_row"),
            models.CheckConstraint(condition=Q(articles_per_page__range=(1, 100)), name="site_settings_page_size"),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def load(cls) -> "SiteSettings":
        """The settings as they are, or the defaults while nobody has saved any. One query."""
        return next(iter(_saved()), None) or cls()

    @property
    def known_by(self) -> tuple[Any, ...]:
        """All that it says at this moment: what is made of the same is the same."""
        said = (self.title, self.tagline, self.description, self.language, self.time_zone, self.articles_per_page)
        more = (self.footer, self.license_name, self.license_url, self.public_history)
        return (*said, *more, *(tuple(page.items()) for page in self.menu_now))

    @property
    def menu_now(self) -> list[dict[str, str]]:
        """The pages of the menu whose time has come: of each `title`, `address` and `language`. No query."""
        now = timezone.now()
        return [page for page in self.menu if datetime.fromisoformat(page["published_at"]) <= now]


_saved = Prepared(lambda: SiteSettings.objects.filter(pk=SiteSettings.ONLY))
