"""The product's table "Who may do what", which every test of who may do something is held against."""

from accounts.roles import Role

READER = None
STATES = ("draft", "scheduled", "live")
WHOLE = {(whose, state) for whose in ("own", "other") for state in STATES}
OWN = {(whose, state) for whose, state in WHOLE if whose == "own"}
LIVE = {(whose, state) for whose, state in WHOLE if state == "live"}
OWN_DRAFT = {("own", "draft")}
NONE: set[tuple[str, str]] = set()

# what one does: role: to which articles
TABLE = {
    "see": {READER: LIVE, Role.CONTRIBUTOR: LIVE | OWN, Role.AUTHOR: LIVE | OWN, Role.EDITOR: WHOLE},
    "change": {READER: NONE, Role.CONTRIBUTOR: OWN_DRAFT, Role.AUTHOR: OWN, Role.EDITOR: WHOLE},
    "delete": {READER: NONE, Role.CONTRIBUTOR: OWN_DRAFT, Role.AUTHOR: OWN, Role.EDITOR: WHOLE},
    "publish": {READER: NONE, Role.CONTRIBUTOR: NONE, Role.AUTHOR: OWN, Role.EDITOR: WHOLE},
    "withdraw": {READER: NONE, Role.CONTRIBUTOR: NONE, Role.AUTHOR: OWN, Role.EDITOR: WHOLE},
    "schedule": {READER: NONE, Role.CONTRIBUTOR: NONE, Role.AUTHOR: OWN, Role.EDITOR: WHOLE},
    "see revisions": {READER: NONE, Role.CONTRIBUTOR: OWN, Role.AUTHOR: OWN, Role.EDITOR: WHOLE},
    # to restore is to change as well, and what is published a contributor can't change
    "restore": {READER: NONE, Role.CONTRIBUTOR: OWN_DRAFT, Role.AUTHOR: OWN, Role.EDITOR: WHOLE},
    "tag": {READER: NONE, Role.CONTRIBUTOR: NONE, Role.AUTHOR: OWN, Role.EDITOR: WHOLE},
    "put in a series": {READER: NONE, Role.CONTRIBUTOR: NONE, Role.AUTHOR: OWN, Role.EDITOR: WHOLE},
}
for row in TABLE.values():
    row[Role.ADMINISTRATOR] = row[Role.EDITOR]

# what one does, to no article in particular: the roles that may
MAY = {
    "create an article": {Role.CONTRIBUTOR, Role.AUTHOR, Role.EDITOR, Role.ADMINISTRATOR},
    "create a live article": {Role.AUTHOR, Role.EDITOR, Role.ADMINISTRATOR},
    "upload an image": {Role.CONTRIBUTOR, Role.AUTHOR, Role.EDITOR, Role.ADMINISTRATOR},
    "delete their own unused image": {Role.CONTRIBUTOR, Role.AUTHOR, Role.EDITOR, Role.ADMINISTRATOR},
    "delete their own used image": {Role.EDITOR, Role.ADMINISTRATOR},
    "delete another's image": {Role.EDITOR, Role.ADMINISTRATOR},
    "create a tag": {Role.AUTHOR, Role.EDITOR, Role.ADMINISTRATOR},
    "rename a tag": {Role.EDITOR, Role.ADMINISTRATOR},
    "create a series": {Role.EDITOR, Role.ADMINISTRATOR},
    "manage accounts": {Role.ADMINISTRATOR},
    "manage site settings": {Role.ADMINISTRATOR},
    "manage webhooks": {Role.ADMINISTRATOR},
}
