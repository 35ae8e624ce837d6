from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
    verbose_name = "How pages, forms, files and mails look"
