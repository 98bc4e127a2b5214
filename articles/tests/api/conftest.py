import pytest

from accounts.roles import Role
from articles.tests.factories import UserFactory


@pytest.fixture
def author():
    return UserFactory(role=Role.AUTHOR)


@pytest.fixture
def editor():
    return UserFactory(role=Role.EDITOR)
