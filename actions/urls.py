from django.urls import path

from actions.views import (
    action_detail,
    action_export,
    action_list,
    decisions,
    home,
    measure_update,
    my_updates,
    plan_pages,
    questions,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("actions/", action_list.action_list, name="action_list"),
    path("actions/export.xlsx", action_export.action_export_xlsx, name="action_export_xlsx"),
    path("actions/export.csv", action_export.action_export_csv, name="action_export_csv"),
    path("actions/to-settle/", decisions.to_settle, name="to_settle"),
    path("actions/to-settle/answers/<int:pk>/", decisions.answer_decide, name="answer_decide"),
    path("actions/to-settle/proposals/<int:pk>/", decisions.proposal_decide, name="proposal_decide"),
    path("actions/<int:number>/", action_detail.action_detail, name="action_detail"),
    path("actions/<int:number>/leads/<slug:slug>/", decisions.lead_answer, name="lead_answer"),
    path(
        "actions/<int:number>/measures/<int:order>/update/",
        measure_update.measure_update,
        name="measure_update",
    ),
    path(
        "actions/<int:number>/measures/<int:order>/no-change/",
        measure_update.measure_no_change,
        name="measure_no_change",
    ),
    path("updates/", my_updates.my_updates, name="my_updates"),
    path("updates/no-change/", my_updates.no_change_all, name="no_change_all"),
    path("updates/<int:pk>/question/", questions.question_ask, name="question_ask"),
    path("updates/evidence/<int:pk>/", measure_update.evidence_file, name="evidence_file"),
    path("vital-fews/", plan_pages.vital_few_list, name="vital_few_list"),
    path("vital-fews/<str:code>/", plan_pages.vital_few_detail, name="vital_few_detail"),
    path("themes/", plan_pages.theme_list, name="theme_list"),
    path("themes/<slug:slug>/", plan_pages.theme_detail, name="theme_detail"),
    path("clusters/", plan_pages.cluster_list, name="cluster_list"),
    path("clusters/<slug:slug>/", plan_pages.cluster_detail, name="cluster_detail"),
    path("partners/", plan_pages.partner_list, name="partner_list"),
    path("partners/<slug:slug>/", plan_pages.partner_detail, name="partner_detail"),
]
