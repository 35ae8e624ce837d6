from tests.pages import *
from django.db import connection, reset_queries
def test_q(client_of, board, report, period):
    from reporting.models import BoardMeeting, ReportingPeriod
    from datetime import timedelta
    from tests.clock import recorded_at
    today = timezone.localdate()
    with recorded_at(timezone.now()-timedelta(days=200)):
        BoardMeeting.objects.create(name="Summer", slug="summer", held_on=today - timedelta(days=20))
    ReportingPeriod.objects.update(due=timezone.localdate() - timedelta(days=1))
    for n in range(1,5):
        report(n,1,"on-track",recorded_at=timezone.now()-timedelta(days=30))
        report(n,1,"at-risk")
    c = client_of(board)
    memo.forget()
    with CaptureQueriesContext(connection) as q:
        c.get("/board/")
    for x in q.captured_queries: print(x["sql"][:230].replace("\n"," "))
    print(len(q))
    with CaptureQueriesContext(connection) as q:
        c.get("/board/")
    print(len(q))
