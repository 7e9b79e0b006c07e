"""Addresses of members. ``members:…`` are ours; the names without a prefix are allauth's own,
which its second factor pages lead to."""

from allauth.account import views as allauth_views
from django.urls import include, path

from .views import account, confirming, memorial, others, passkey, privacy, reading, signing_in

members = [
    path("join/", signing_in.join, name="join"),
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-in/code/", signing_in.code, name="code"),
    path("sign-in/code/again/", signing_in.code_again, name="code-again"),
    path("sign-in/password/", signing_in.password, name="password"),
    path("sign-in/passkey/", passkey.passkey, name="passkey"),
    path("account/", account.account, name="account"),
    path("account/sign-out/", signing_in.sign_out, name="sign-out"),
    path("account/profile/", account.profile, name="edit-profile"),
    path("account/signed-in/", account.signed_in, name="signed-in"),
    path("account/password/", account.set_password, name="set-password"),
    path("account/confirm/code/", confirming.confirm_code, name="confirm-code"),
    path("account/email/", account.change_email, name="change-email"),
    path("account/email/codes/", account.change_email_codes, name="change-email-codes"),
    path("account/wishes/", account.wishes, name="wishes"),
    path("account/resume-mail/", account.resume_mail, name="resume-mail"),
    path("account/ignored/", others.ignored, name="ignored"),
    path("account/topics/<slug:slug>/", others.hide_topic, name="hide-topic"),
    path("account/your-data/", privacy.your_data, name="your-data"),
    path("account/your-data/<int:export_id>/", privacy.download, name="download"),
    path("account/close/", privacy.close, name="close"),
    path("account/close/words/", privacy.choose_words, name="choose-words"),
    path("account/stay/", privacy.stay, name="stay"),
    path("members/<slug:handle>/", others.profile, name="profile"),
    path("members/<slug:handle>/ignore/", others.ignore, name="ignore"),
    path("members/<slug:handle>/unignore/", others.unignore, name="unignore"),
    path("members/<slug:handle>/remember/", memorial.remember, name="remember"),
    path("reading/", reading.reading_settings, name="reading"),
    path("remembering/", memorial.remembering, name="remembering"),
    path("remembering/tell-us/", memorial.tell, name="tell"),
    path("remembering/tell-us/thank-you/", memorial.told, name="told"),
    path("remembering/reports/", memorial.reports, name="death-reports"),
    path(
        "remembering/reports/<int:number>/close/",
        memorial.close_report,
        name="close-death-report",
    ),
]

urlpatterns = [
    path("", include((members, "members"))),
    path("sign-in/", signing_in.sign_in, name="account_login"),
    path("join/", signing_in.join, name="account_signup"),
    path("account/sign-out/", signing_in.sign_out, name="account_logout"),
    path("account/inactive/", signing_in.inactive, name="account_inactive"),
    path("account/confirm/", allauth_views.reauthenticate, name="account_reauthenticate"),
    # These two before allauth's own: they are guarded, all else behind them asks already.
    path("account/second-factor/webauthn/add/", confirming.add_passkey, name="mfa_add_webauthn"),
    path("account/second-factor/totp/activate/", confirming.add_app, name="mfa_activate_totp"),
    path("account/second-factor/", include("allauth.mfa.urls")),
]
