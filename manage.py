#!/usr/bin/env python
import os
import sys


def main() -> None:
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "blogsite.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018  reads the settings: what they refuse is one sentence, not a traceback
    except ImproperlyConfigured as error:
        sys.exit(f"blogsite can't start: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
