from django.urls import path

from coachline.web.facts.views import calls, erasing, quality, tables, uploads

app_name = "facts"
urlpatterns = [
    path("", uploads.upload_page, name="upload"),
    path("uploads/<uuid:pk>/", uploads.upload_detail, name="upload-detail"),
    path("uploads/<uuid:pk>/state", uploads.upload_state, name="upload-state"),
    path("uploads/<uuid:pk>/map", uploads.upload_map, name="upload-map"),
    path("uploads/<uuid:pk>/map.toml", uploads.map_download, name="map-file"),
    path("uploads/<uuid:pk>/check", uploads.upload_check, name="upload-check"),
    path("uploads/<uuid:pk>/load", uploads.upload_load, name="upload-load"),
    path("uploads/<uuid:pk>/discard", uploads.upload_discard, name="upload-discard"),
    path("uploads/<uuid:pk>/rejects.csv", uploads.rejects_download, name="rejects"),
    path("maps/", uploads.map_list, name="maps"),
    path("maps/<int:pk>", uploads.map_change, name="map-change"),
    path("erase/", erasing.erase, name="erase"),
    path("calls/", calls.call_list, name="calls"),
    path("calls/<str:source>/<str:call_id>", calls.call, name="call"),
    path("tables/<str:table>/", tables.table_page, name="table"),
    path("quality/", quality.faults, name="quality"),
    path("quality/tables/<str:table>/", quality.profile, name="profile"),
    path("quality/open-ticket", quality.open_ticket, name="open-ticket"),
    path("quality/tickets/", quality.ticket_list, name="tickets"),
    path("quality/tickets/<int:pk>/", quality.ticket, name="ticket"),
]
