from typing import Any

from django.core.management.base import BaseCommand

from accounts.housekeeping import tidy


class Command(BaseCommand):
    help = "Delete sessions of the API that have ended, tokens that have expired, and answers kept for repeats."

    def handle(self, *args: Any, **options: Any) -> None:
        tidy()
