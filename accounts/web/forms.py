from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import PersonalToken
from accounts.models.token import DAYS, MAX_DAYS


class TokenForm(forms.ModelForm[PersonalToken]):
    days = forms.IntegerField(label=_("Days until it expires"), min_value=1, max_value=MAX_DAYS, initial=DAYS)

    class Meta:
        model = PersonalToken
        fields = ["name", "scope"]
