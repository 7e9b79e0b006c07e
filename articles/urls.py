from django.urls import path

from . import feeds, preview, search_page, sitemap, views

app_name = "articles"

urlpatterns = [
    path("", views.home, name="home"),
    path("articles/", views.article_list, name="list"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("articles/<slug:slug>/share.png", views.share, name="share_picture"),
    path("search/", search_page.search_page, name="search"),
    path("feeds/articles.atom", feeds.atom, name="atom"),
    path("feeds/articles.json", feeds.json_feed, name="json_feed"),
    path("topics/<slug:slug>/feed.atom", feeds.atom, name="topic_atom"),
    path("topics/<slug:slug>/feed.json", feeds.json_feed, name="topic_json_feed"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("preview/<str:token>/", preview.preview, name="preview"),
    path("topics/", views.topics, name="topics"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("contributors/<slug:slug>/", views.contributor, name="contributor"),
]
