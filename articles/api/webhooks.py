"""What webhooks send, as the OpenAPI document tells it, which calls that webhooks too. `articles.webhooks` sends it."""

from typing import Any

from articles.models import Delivery, Webhook

Node = dict[str, Any]

GONE = ("id", "slug", "url", "version")
TOLD = (*GONE, "title", "summary", "author", "tags", "published_at", "updated_at", "canonical_url")
WORDS = {
    Webhook.Event.PUBLISHED: "An article has gone live.",
    Webhook.Event.CHANGED: "A live article has changed.",
    Webhook.Event.WITHDRAWN: "A live article is a draft again, or was put off into the future.",
    Webhook.Event.DELETED: "A live article was deleted.",
    Delivery.PING: "Somebody has asked for a test.",
}
HEADERS = {
    "webhook-id": ("The same each time that this is sent.", "1e3f6c0e-6f0b-4f7e-9a39-0d7f3c1d2b55"),
    "webhook-timestamp": ("When it was sent: seconds of Unix.", "1795395600"),
    "webhook-signature": (
        "`v1,` and the HMAC-SHA256 in base64, under the webhook's secret, of id, timestamp and body with dots between.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
}
ANSWERS = {
    "2XX": "It is accepted.",
    "410": "The webhook is switched off.",
    "default": "It is tried again later, with the same id. Nobody is led elsewhere.",
}


def describe(result: Node, **_generation: Any) -> Node:
    """A postprocessing hook of drf-spectacular. What is told of an article is described as where the API answers it."""
    schemas = result["components"]["schemas"]
    whole = schemas["Article"]["properties"]
    told = {name: {key: said for key, said in whole[name].items() if key != "readOnly"} for name in TOLD}
    api_url = {"type": "string", "format": "uri", "description": "Where the API answers all of it."}
    schemas["ToldArticle"] = _object("What everybody may see of a live article.", {**told, "api_url": api_url})
    schemas["GoneArticle"] = _object("One that readers no longer see.", {name: told[name] for name in GONE})
    result["webhooks"] = {str(event): {"post": _operation(str(event), words)} for event, words in WORDS.items()}
    return result


def _operation(event: str, words: str) -> Node:
    return {
        "operationId": event.replace(".", "_"),
        "summary": words,
        "security": [],
        "parameters": [
            {
                "in": "header",
                "name": name,
                "required": True,
                "description": said,
                "schema": {"type": "string"},
                "example": example,
            }
            for name, (said, example) in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _payload(event)}}},
        "responses": {status: {"description": meaning} for status, meaning in ANSWERS.items()},
    }


def _payload(event: str) -> Node:
    properties: Node = {
        "id": {"type": "string", "format": "uuid", "description": "By which to tell what comes twice."},
        "type": {"type": "string", "const": event},
        "created": {"type": "string", "format": "date-time", "description": "When it happened."},
    }
    if event != Delivery.PING:
        gone = event in (Webhook.Event.WITHDRAWN, Webhook.Event.DELETED)
        properties["article"] = {"$ref": f"#/components/schemas/{'Gone' if gone else 'Told'}Article"}
    if event == Webhook.Event.CHANGED:
        properties["changed"] = {
            "type": "array",
            "items": {"type": "string"},
            "description": "The names of its fields that have changed; `note` where a correction note was added.",
        }
    return _object("", properties)


def _object(words: str, properties: Node) -> Node:
    said = {"description": words} if words else {}
    return {"type": "object", **said, "properties": properties, "required": sorted(properties)}
