"""Signing in takes two steps: the e-mail address, then a code or a password.

Known and unknown addresses get the same answers.
"""

from typing import Any

from allauth.account.fields import EmailField
from allauth.account.forms import LoginForm
from allauth.account.views import ConfirmLoginCodeView, LoginView, RequestLoginCodeView
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator

from partners.demonstration import is_invented

CODE_FOR = "code_for"  # in the session: the address that asked for a code
ANOTHER_CODE = "Use the newest code. The earlier one no longer works."


class EmailForm(forms.Form):
    email = EmailField()


class SignInView(LoginView):  # type: ignore[misc]  # allauth has no types
    """Step one asks for the address. Step two posts the password here, and fails here."""

    def get_template_names(self) -> list[str]:
        return ["account/login.html" if self.request.method == "GET" else "account/login_password.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if not context["form"].is_bound:
            context["form"] = EmailForm()
        return context


class CodeView(RequestLoginCodeView):  # type: ignore[misc]  # allauth has no types
    """E-mails a code. Asking again replaces the earlier code, which allauth would send people back to."""

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            request.session.flush()  # the sign-in that waits for the earlier code
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def form_valid(self, form: forms.Form) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        self.request.session[CODE_FOR] = form.cleaned_data["email"]
        if "again" in self.request.POST:
            messages.success(self.request, ANOTHER_CODE)
        return response


class ConfirmCodeView(ConfirmLoginCodeView):  # type: ignore[misc]  # allauth has no types
    """Step two with a code. Its guesses count for the account whose code it is, known or not."""

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"account": self.request.session.get(CODE_FOR, "")}


def send_code(request: HttpRequest, email: str) -> HttpResponse:
    """E-mail a sign-in code and go on to the page that asks for it, as if the person had asked."""
    view = CodeView()
    view.setup(request)
    form = view.get_form_class()({"email": email})
    if form.is_valid():
        return view.form_valid(form)
    messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
    return redirect("account_login")


class PasswordView(CodeView):
    """Step two with a password. The address arrives by POST: in no address bar, and in no log."""

    template_name = "account/login.html"

    def get_form_class(self) -> type[forms.Form]:
        return EmailForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.passthrough_next_url(reverse("account_login")))

    def form_valid(self, form: forms.Form) -> HttpResponse:
        password = LoginForm(initial={"login": form.cleaned_data["email"]}, request=self.request)
        if is_invented(form.cleaned_data["email"]):
            password.initial["password"] = settings.DEMONSTRATION_PASSWORD
            password.fields["password"].widget.render_value = True
        context = self.get_context_data(form=password)
        return TemplateResponse(self.request, "account/login_password.html", context)
