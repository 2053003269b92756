from django.urls import path

from coachline.web.capability.views import businesses, matrix, people, service, weak

app_name = "capability"
urlpatterns = [
    path("", matrix.matrix, name="matrix"),
    path("matrix.json", matrix.cells_of_outcome, name="matrix-cells"),
    path("matrix.<str:kind>", matrix.download, name="matrix-download"),
    path("matrix/", matrix.table, name="matrix-table"),
    path("cell/", matrix.cell, name="cell"),
    path("me/", people.mine, name="mine"),
    path("agents/", people.agents, name="agents"),
    path("agents.<str:kind>", people.download, name="agents-download"),
    path("agents/<path:agent_id>/", people.agent, name="agent"),
    path("businesses/", businesses.businesses, name="businesses"),
    path("businesses.<str:kind>", businesses.download, name="businesses-download"),
    path("businesses/<path:business>/", businesses.business, name="business"),
    path("weak/", weak.weak, name="weak"),
    path("weak.<str:kind>", weak.download, name="weak-download"),
    path("correlation/", service.correlation, name="correlation"),
    path("trend/", service.trend, name="trend"),
]
