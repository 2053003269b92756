from django.urls import include, path

from coachline.web.home.views import analyses, bell, first_page

analysis_pages = [
    path("", analyses.listed, name="list"),
    path("<str:name>/", analyses.analysis, name="analysis"),
    path("<str:name>/results/<uuid:run_id>/", analyses.result, name="result"),
    path("<str:name>/results/<uuid:run_id>/tables/<str:which>/", analyses.table, name="table"),
    path("<str:name>/results/<uuid:run_id>/download.<str:kind>", analyses.download, name="download"),
]

urlpatterns = [
    path("", first_page.first_page, name="home"),
    path("bell", bell.bell, name="bell"),
    path("analyses/", include((analysis_pages, "analyses"))),
]
