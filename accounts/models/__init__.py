from accounts.models.answer import Answer
from accounts.models.session import Session
from accounts.models.token import PersonalToken
from accounts.models.user import User, UserManager, validate_username

__all__ = ["Answer", "PersonalToken", "Session", "User", "UserManager", "validate_username"]
