from django.urls import path

from . import views

app_name = "newsletter"

urlpatterns = [
    path("emails/", views.signup, name="signup"),
    path("emails/confirm/<str:token>/", views.confirm, name="confirm"),
    path("emails/settings/<str:token>/", views.settings_page, name="settings"),
    path("emails/settings/<str:token>/pause/", views.pause, name="pause"),
    path("emails/settings/<str:token>/resume/", views.resume, name="resume"),
    path("emails/settings/<str:token>/start/", views.start_again, name="start"),
    path("emails/settings/<str:token>/delete/", views.delete, name="delete"),
    path("emails/settings/<str:token>/died/", views.died, name="died"),
    path("emails/settings/<str:token>/record/", views.record, name="record"),
    path("emails/stop/<str:token>/", views.stop, name="stop"),
    path("emails/back/<str:token>/", views.back, name="back"),
    path("emails/letters/", views.letters, name="letters"),
    path("emails/letters/<int:number>/", views.letter, name="letter"),
    path("feeds/letters.atom", views.LetterFeed(), name="feed"),
]
