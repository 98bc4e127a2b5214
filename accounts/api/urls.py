from django.urls import re_path

from accounts.api import personal, views

urlpatterns = [
    re_path(r"^auth/login/?$", views.Login.as_view(), name="login"),
    re_path(r"^auth/token/?$", views.Token.as_view(), name="token"),
    re_path(r"^auth/token/refresh/?$", views.Refresh.as_view(), name="token-refresh"),
    re_path(r"^auth/token/verify/?$", views.Verify.as_view(), name="token-verify"),
    re_path(r"^auth/logout/?$", views.Logout.as_view(), name="logout"),
    re_path(r"^users/me/?$", views.Me.as_view(), name="me"),
    re_path(r"^users/me/password/?$", views.PasswordView.as_view(), name="me-password"),
    re_path(r"^users/me/tokens/?$", personal.PersonalTokens.as_view(), name="me-tokens"),
    re_path(r"^users/me/tokens/(?P<id>[0-9]{1,18})/?$", personal.PersonalTokenDetail.as_view(), name="me-token"),
]
