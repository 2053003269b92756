from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "coachline.web.accounts"
    label = "accounts"
