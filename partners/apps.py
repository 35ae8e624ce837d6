from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = "People and partners"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added, authenticator_removed  # noqa: PLC0415  models are not ready when this loads
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415  likewise

        from partners import rules, second_factor, sessions  # noqa: PLC0415  likewise

        rules.connect()
        # Signals of Django and allauth; the portal defines none of its own.
        user_logged_in.connect(sessions.begin)
        authenticator_added.connect(second_factor.added)
        authenticator_removed.connect(second_factor.removed)
