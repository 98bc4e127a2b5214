"""What a browser would send from a page's form: read from the page itself, not from our forms."""

from html.parser import HTMLParser


class Fields(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.sent = {}
        self.text = self.select = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        match tag:
            case "textarea":
                self.text, self.sent[attrs["name"]] = attrs["name"], ""
            case "select":
                self.select = attrs["name"]
            case "option" if "selected" in attrs:
                self.sent.setdefault(self.select, []).append(attrs["value"])
            case "input" if attrs.get("type") == "checkbox" and "value" in attrs:
                self.sent.setdefault(attrs["name"], []).extend([attrs["value"]] if "checked" in attrs else [])
            case "input" if attrs.get("type") == "checkbox":
                if "checked" in attrs:
                    self.sent[attrs["name"]] = "on"
            case "input" if "name" in attrs and attrs["type"] not in {"submit", "file"}:
                self.sent[attrs["name"]] = attrs.get("value", "")

    def handle_data(self, data):
        if self.text:
            self.sent[self.text] += data

    def handle_endtag(self, tag):
        if tag == "textarea":  # its first line end is no text, and browsers send CRLF
            text = self.sent[self.text].removeprefix("\n").replace("\n", "\r\n")
            self.sent[self.text], self.text = text, None


def fields(response):
    return Fields(response.text).sent
