from django.urls import path

from . import views

app_name = "polls"

urlpatterns = [
    path("polls/", views.poll_list, name="list"),
    path("polls/<slug:slug>/", views.poll, name="poll"),
    path("polls/<slug:slug>/vote/", views.vote, name="vote"),
    path("polls/<slug:slug>/results/", views.results, name="results"),
    path("polls/<slug:slug>/take-back/", views.take_back, name="take-back"),
    path("polls/<slug:slug>/picture.png", views.picture, name="picture"),
]
