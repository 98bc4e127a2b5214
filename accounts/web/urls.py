"""People's own pages."""

from django.urls import path

from accounts.web import views

app_name = "accounts"
urlpatterns = [
    path("profile/", views.Profile.as_view(), name="profile"),
    path("profile/tokens/<int:pk>/revoke/", views.Revoke.as_view(), name="revoke_token"),
]
