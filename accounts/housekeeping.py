"""What is of no use any more, taken away. Nothing waits for it, and it may run as often as one likes."""

from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.models import Answer, PersonalToken, Session

SHOWN_EXPIRED = timedelta(days=30)  # so that who wonders why a script fails finds its token expired


def tidy() -> None:
    """Delete sessions that have ended, tokens that have expired, and answers that are not repeated any more.

    A used refresh token is remembered as long as a clock that is slow may still take it for good.
    """
    past = timezone.now() - api_settings.LEEWAY
    Answer.objects.expired().delete()
    OutstandingToken.objects.filter(expires_at__lt=past).delete()
    Session.objects.filter(Q(expires_at__lt=past) | Q(ended_at__lt=past)).delete()
    PersonalToken.objects.filter(~Q(stamp=F("user__stamp")) | Q(expires_at__lt=past - SHOWN_EXPIRED)).delete()
