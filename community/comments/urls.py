from django.urls import path

from . import views

app_name = "comments"

urlpatterns = [
    path("articles/<slug:slug>/conversation/", views.conversation, name="conversation"),
    path("articles/<slug:slug>/conversation/seen/", views.seen, name="seen"),
    path("articles/<slug:slug>/conversation/follow/", views.follow_article, name="follow-article"),
    path("comments/preview/", views.preview, name="preview"),
    path("comments/<int:pk>/", views.comment, name="comment"),
    path("comments/<int:pk>/thread/", views.thread, name="thread"),
    path("comments/<int:pk>/reply/", views.reply, name="reply"),
    path("comments/<int:pk>/edit/", views.edit, name="edit"),
    path("comments/<int:pk>/delete/", views.delete, name="delete"),
    path("comments/<int:pk>/undo/", views.undo, name="undo"),
    path("comments/<int:pk>/reaction/", views.reaction, name="reaction"),
    path("comments/<int:pk>/report/", views.report, name="report"),
    path("members/<slug:handle>/report/", views.report_member, name="report-member"),
    path("reports/thank-you/", views.reported, name="reported"),
    path("comments/<int:pk>/follow/", views.follow_thread, name="follow-thread"),
    path("talk/", views.talk, name="talk"),
    path("account/comments/", views.mine, name="mine"),
    path("account/reports/", views.my_reports, name="my-reports"),
    path("account/drafts/", views.drafts, name="drafts"),
    path("account/drafts/<uuid:pk>/", views.draft, name="draft"),
    path("account/notices/", views.notices, name="notices"),
    path("account/notices/settings/", views.notice_settings, name="notice-settings"),
    path("notices/mute/<str:token>/", views.mute, name="mute"),
]
