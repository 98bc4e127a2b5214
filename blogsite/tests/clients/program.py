"""Signs in, publishes an article and reads it back, with what openapi-python-client has made of the description."""

import sys

from client import AuthenticatedClient, Client
from client.api.articles import create_article, get_article
from client.api.auth import login
from client.models import Article, ArticleInput, LoginAnswer, LoginForm


def main(address: str, username: str, password: str) -> str:
    answer = login.sync(client=Client(base_url=address), body=LoginForm(username=username, password=password))
    assert isinstance(answer, LoginAnswer), answer
    client = AuthenticatedClient(base_url=address, token=answer.access_token)
    given = ArticleInput(title="By a Python client", content="Typed, and published.", published=True)
    made = create_article.sync(client=client, body=given)
    assert isinstance(made, Article), made
    read = get_article.sync(str(made.id), client=client)
    assert isinstance(read, Article), read
    return read.title


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
