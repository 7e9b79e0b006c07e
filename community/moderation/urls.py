from django.urls import path

from .views import appeals, cases, looking_back, mine, queue

app_name = "moderation"

desk = [
    path("", queue.first, name="queue"),
    path("checks/", queue.checks, name="checks"),
    path("spam/", queue.spam, name="spam"),
    path("record/", looking_back.record, name="record"),
    path("rota/", looking_back.rota_page, name="rota"),
    path("acts/<int:pk>/", cases.act, name="act"),
    path("acts/<int:pk>/check/", queue.check, name="check"),
    path("appeals/<int:pk>/", appeals.appeal, name="appeal"),
    path("comments/<int:pk>/", cases.comment, name="comment"),
    path("comments/<int:pk>/open/", cases.open_case, name="open"),
    path("comments/<int:pk>/here/", cases.here, name="here"),
    path("comments/<int:pk>/decide/", cases.decide_comment, name="decide-comment"),
    path("comments/<int:pk>/pass-on/", cases.pass_on, name="pass-on"),
    path("members/<int:pk>/", cases.member, name="member"),
    path("members/<int:pk>/decide/", cases.decide_member, name="decide-member"),
    path("members/<int:pk>/notes/", cases.add_note, name="add-note"),
    path("<slug:line>/", queue.line, name="line"),
]

urlpatterns = [
    *(path(f"moderation/{each.pattern}", each.callback, name=each.name) for each in desk),
    path("moderation-in-numbers/", looking_back.year_in_numbers, name="numbers"),
    path("moderation-in-numbers/<int:year>/", looking_back.year_in_numbers, name="numbers-of-year"),
    path("account/moderation/", mine.message_list, name="messages"),
    path("account/moderation/<int:pk>/", mine.message, name="message"),
    path("account/moderation/<int:pk>/send-again/", mine.send_again, name="send-again"),
    path("account/moderation/<int:pk>/appeal/", mine.appeal, name="appeal-against"),
    path("account/moderation/<int:pk>/read/", mine.acknowledge, name="acknowledge"),
]
