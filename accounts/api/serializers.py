from typing import Any, cast

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, transaction
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import PersonalToken, User
from accounts.models.token import DAYS, MAX_DAYS
from accounts.roles import Role, role_of
from blogsite.examples import JWT
from blogsite.rest import Text, shown


class Password(Text):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(write_only=True, trim_whitespace=False, style={"input_type": "password"}, **kwargs)


@shown({"username": "ada", "password": "correct horse battery"})
class Credentials(serializers.Serializer[Any]):
    username = Text(write_only=True, help_text="The user name or the e-mail address, whatever the case.")
    password = Password()


@shown({"username": "ada", "password": "correct horse battery", "grant_type": "password"})
class LoginForm(Credentials):
    grant_type = Text(required=False, allow_blank=True, write_only=True, help_text="Ignored, as the next three are.")
    scope = Text(required=False, allow_blank=True, write_only=True)
    client_id = Text(required=False, allow_blank=True, write_only=True)
    client_secret = Text(required=False, allow_blank=True, write_only=True)


class LoginAnswer(serializers.Serializer[Any]):
    access_token = serializers.CharField(help_text="Sent along as `Authorization: Bearer …`.")
    token_type = serializers.CharField(help_text="Always `bearer`.")
    refresh_token = serializers.CharField(help_text="Exchanged, once, for new ones.")
    expires_in = serializers.IntegerField(help_text="Seconds that the access token has to live.")


class TokenPair(serializers.Serializer[Any]):
    access = serializers.CharField(help_text="Sent along as `Authorization: Bearer …`.")
    refresh = serializers.CharField(help_text="Exchanged, once, for new ones.")


@shown({"refresh": JWT})
class RefreshGiven(serializers.Serializer[Any]):
    refresh = Text(write_only=True, help_text="The refresh token of the session.")


@shown({"token": JWT})
class TokenGiven(serializers.Serializer[Any]):
    token = Text(write_only=True, help_text="An access or a refresh token.")


@shown({"name": "Ada Lovelace", "bio": "Writes programs.", "website": "https://ada.example.org"})
class AccountSerializer(serializers.ModelSerializer[User]):
    name = Text(max_length=100, allow_blank=True, required=False, help_text="As readers see it in the byline.")
    bio = Text(max_length=1000, allow_blank=True, required=False, help_text="On the author's page.")
    role = serializers.SerializerMethodField(help_text="Null for a reader.")

    class Meta:
        model = User
        fields = ["id", "username", "email", "name", "bio", "website", "role", "date_joined"]
        read_only_fields = ["username", "date_joined"]

    @extend_schema_field(serializers.ChoiceField(choices=[role.name.lower() for role in Role], allow_null=True))
    def get_role(self, user: User) -> str | None:
        role = role_of(user)
        return role.name.lower() if role else None

    def validate_email(self, email: str) -> str:
        if User.objects.filter(email__lower=email.lower()).exclude(pk=cast(User, self.instance).pk).exists():
            raise serializers.ValidationError("This e-mail address is taken.")
        return email

    def update(self, account: User, changes: dict[str, Any]) -> User:
        try:
            with transaction.atomic():
                for field, value in changes.items():
                    setattr(account, field, value)
                account.save(update_fields=list(changes))  # a password that somebody changes meanwhile is not undone
        except IntegrityError:  # somebody took it meanwhile
            raise serializers.ValidationError({"email": ["This e-mail address is taken."]}) from None
        return account


class PersonalTokenSerializer(serializers.ModelSerializer[PersonalToken]):
    class Meta:
        model = PersonalToken
        fields = ["id", "name", "scope", "created_at", "expires_at", "last_used_at"]
        read_only_fields = fields


class MadeToken(PersonalTokenSerializer):
    token = serializers.CharField(read_only=True, help_text="What the script sends. It can't be had again.")

    class Meta(PersonalTokenSerializer.Meta):
        fields = [*PersonalTokenSerializer.Meta.fields, "token"]
        read_only_fields = fields


@shown({"name": "Nightly import", "scope": "write", "days": 30})
class TokenInput(serializers.Serializer[Any]):
    name = Text(max_length=100, write_only=True, help_text="What it is for, so that you know it again.")
    scope = serializers.ChoiceField(
        PersonalToken.Scope.choices,
        default=PersonalToken.Scope.READ,
        write_only=True,
        help_text="What it may do: `read` alone, or `write` as well.",
    )
    days = serializers.IntegerField(
        min_value=1, max_value=MAX_DAYS, default=DAYS, write_only=True, help_text="After which it expires."
    )


@shown({"current_password": "correct horse battery", "new_password": "a longer one, with a staple"})
class PasswordChange(serializers.Serializer[User]):
    current_password = Password(help_text="The one that you sign in with now.")
    new_password = Password(max_length=1000, help_text="As good as the site demands of passwords.")

    def validate_new_password(self, password: str) -> str:
        try:
            validate_password(password, user=self.context["request"].user)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages) from None
        return password
