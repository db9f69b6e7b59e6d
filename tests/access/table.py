"""Who gets what: every address and method × everybody. One table, read by tests/access/test_rights.py.

A row has twelve answers, in the order of world.ROLES: nobody, alice (owner), bob (member) and vera (viewer) of the
enterprise, charlie (owner of another one), and of the desk ann (agent), olga (backfill operator), rita (backfill reviewer),
ed (editor), kate (reviewer), sam (supervisor), root (administrator). One answer is everybody's; of two, the first is
nobody's and the second that of everybody who has signed in.

A stranger gets 404, a colleague without the role 403, the wrong moment 409. Pages send nobody to sign in (302), and answer
a write with the next page (302); a page of the desk as a whole is 403 for everybody else.
"""

from tests.access.accounts_table import ACCOUNTS

TABLE = (
    ACCOUNTS
    + """
# The composition
GET    /                                                    200
GET    /after-login/                                        302
POST   /i18n/setlang/                                       302
POST   /theme/                                              302
GET    /robots.txt                                          200
GET    /sitemap.xml                                         200
GET    /healthz                                             200
GET    /readyz                                              200
GET    /metrics                                             200

# Readers
GET    /kb/                                                 200
GET    /kb/search/                                          200
GET    /kb/suggest/                                         200
GET    /kb/feed.atom                                        200
GET    /kb/category/no_record/                              200
GET    /kb/category/no_record/feed.atom                     200
GET    /kb/open/                                            200
GET    /kb/ours/                                            404 200 200 200 200 200 200 200 200 200 200 404
GET    /kb/inside/                                          404 404 404 404 404 200 200 200 200 200 200 404
GET    /kb/draft/                                           404
POST   /kb/open/feedback/                                   302
POST   /kb/ours/feedback/                                   404 302 302 302 302 302 302 302 302 302 302 404
POST   /kb/inside/feedback/                                 404 404 404 404 404 302 302 302 302 302 302 404
POST   /kb/inside/confirmed/                                302 404 404 404 404 302 302 302 302 302 302 404
POST   /kb/open/rejected/                                   302
POST   /kb/inside/rejected/                                 404 404 404 404 404 302 302 302 302 302 302 404
POST   /kb/open/solved/                                     302
POST   /kb/inside/solved/                                   404 404 404 404 404 302 302 302 302 302 302 404
GET    /check/                                              200
POST   /check/                                              200
POST   /check/into-ticket/                                  302
GET    /check/package/                                      200
POST   /check/package/                                      200
GET    /check/package/report/                               200
POST   /check/package/report/                               200
GET    /check/package/print/                                200
POST   /check/package/print/                                200
GET    /check/package/attach/                               302 200
POST   /check/package/attach/                               302 302 302 404 404 404 404 404 404 404 404 404
GET    /diagnose/                                           200
POST   /diagnose/file/                                      422
GET    /diagnose/letter/                                    302
GET    /diagnose/reminder.ics                               302
POST   /diagnose/remind/                                    302
POST   /diagnose/ticket/                                    302
POST   /diagnose/solved/                                    302

# The status board
GET    /status/                                             200
GET    /status/feed.atom                                    200
GET    /status/history/                                     200
GET    /status/incidents/{incident}/                        200
POST   /status/subscribe/                                   200
GET    /status/confirm/{token}/                             200
POST   /status/confirm/{token}/                             200
GET    /status/unsubscribe/{token}/                         200
POST   /status/unsubscribe/{token}/                         200
GET    /status/announcements/                               200
GET    /status/announcements/feed.atom                      200
GET    /status/announcements/{news}/                        200
GET    /status/announcements/{ours}/                        404 404 404 404 404 200 200 200 200 200 200 404
GET    /desk/status/                                        302 403 403 403 403 200 403 403 403 403 200 403
GET    /desk/status/incidents/new/                          302 403 403 403 403 200 403 403 403 403 200 403
POST   /desk/status/incidents/new/                          302 403 403 403 403 302 403 403 403 403 302 403
GET    /desk/status/incidents/{incident}/                   302 403 403 403 403 200 403 403 403 403 200 403
POST   /desk/status/incidents/{incident}/                   302 403 403 403 403 302 403 403 403 403 302 403
GET    /desk/status/incidents/{incident}/edit/              302 403 403 403 403 200 403 403 403 403 200 403
POST   /desk/status/incidents/{incident}/edit/              302 403 403 403 403 302 403 403 403 403 302 403
GET    /desk/status/maintenance/new/                        302 403 403 403 403 200 403 403 403 403 200 403
POST   /desk/status/maintenance/new/                        302 403 403 403 403 302 403 403 403 403 302 403
GET    /desk/status/maintenance/{works}/                    302 403 403 403 403 200 403 403 403 403 200 403
POST   /desk/status/maintenance/{works}/                    302 403 403 403 403 302 403 403 403 403 302 403
GET    /desk/status/announcements/new/                      302 403 403 403 403 403 403 403 403 403 200 403
POST   /desk/status/announcements/new/                      302 403 403 403 403 403 403 403 403 403 302 403
GET    /desk/status/announcements/{news}/                   302 403 403 403 403 403 403 403 403 403 200 403
POST   /desk/status/announcements/{news}/                   302 403 403 403 403 403 403 403 403 403 302 403

# Learning paths
GET    /training/                                          302 200
GET    /training/learn/                                    302 200 200 200 200 200 200 200 200 200 200 404
GET    /training/shift/                                    302 404 404 404 404 200 200 200 200 200 200 404
GET    /training/learn/read/ours/                          302 200 200 200 200 200 200 200 200 200 200 404
POST   /training/learn/read/ours/                          302 302 302 302 302 302 302 302 302 302 302 404
POST   /training/learn/quiz/                               302 409 409 409 409 409 409 409 409 409 409 404
GET    /training/learn/attempts/{attempt}/                 302 200 404 404 404 404 404 404 404 404 200 404
POST   /training/learn/attempts/{attempt}/                 302 409 404 404 404 404 404 404 404 404 404 404
GET    /desk/training/                                     302 403 403 403 403 403 403 403 200 403 200 403
GET    /desk/training/new/                                 302 403 403 403 403 403 403 403 200 403 200 403
POST   /desk/training/new/                                 302 403 403 403 403 403 403 403 302 403 302 403
GET    /desk/training/learn/                               302 403 403 403 403 403 403 403 200 403 200 403
GET    /desk/training/learn/purpose/                       302 403 403 403 403 403 403 403 200 403 200 403
POST   /desk/training/learn/purpose/                       302 403 403 403 403 403 403 403 302 403 302 403
GET    /desk/training/learn/words/                         302 403 403 403 403 403 403 403 200 403 200 403
POST   /desk/training/learn/words/                         302 403 403 403 403 403 403 403 302 403 302 403
GET    /desk/training/learn/questions/1/                   302 403 403 403 403 403 403 403 200 403 200 403
POST   /desk/training/learn/questions/1/                   302 403 403 403 403 403 403 403 302 403 302 403
POST   /desk/training/learn/articles/                      302 403 403 403 403 403 403 403 302 403 302 403
POST   /desk/training/planned/publish/                     302 403 403 403 403 403 403 403 302 403 302 403
POST   /desk/training/learn/withdraw/                      302 403 403 403 403 403 403 403 302 403 302 403
GET    /desk/training/report/                              302 403 403 403 403 403 403 403 403 403 200 403
GET    /desk/training/report/export/                       302 403 403 403 403 403 403 403 403 403 200 403
POST   /desk/training/report/waive/                        302 403 403 403 403 403 403 403 403 403 302 403
GET    /desk/training/mentors/                             302 403 403 403 403 403 403 403 403 403 200 403
POST   /desk/training/mentors/                             302 403 403 403 403 403 403 403 403 403 302 403
POST   /desk/training/mentors/{mentorship}/end/            302 403 403 403 403 403 403 403 403 403 302 403

# Replies of trainees
GET    /desk/replies/                                      302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/replies/{held}/                               302 403 403 403 403 404 404 404 403 403 200 403
POST   /desk/replies/{held}/                               302 403 403 403 403 404 404 404 403 403 302 403

# Editors and reviewers
GET    /desk/kb/                                            302 403 403 403 403 200 200 200 200 200 200 403
GET    /desk/kb/gaps/                                       302 403 403 403 403 200 200 200 200 200 200 403
POST   /desk/kb/gaps/                                       302 403 403 403 403 403 403 403 302 403 403 403
GET    /desk/kb/gaps/numbers/                               302 403 403 403 403 200 200 200 200 200 200 403
GET    /desk/kb/gaps/health/                                302 403 403 403 403 200 200 200 200 200 200 403
GET    /desk/kb/synonyms/                                   302 403 403 403 403 200 200 200 200 200 200 403
POST   /desk/kb/synonyms/                                   302 403 403 403 403 403 403 403 302 403 403 403
GET    /desk/kb/synonyms/{synonyms}/                        302 403 403 403 403 403 403 403 200 403 403 403
POST   /desk/kb/synonyms/{synonyms}/                        302 403 403 403 403 403 403 403 302 403 403 403
GET    /desk/kb/feedback/                                   302 403 403 403 403 200 200 200 200 200 200 403
POST   /desk/kb/feedback/{vote}/handled/                    302 403 403 403 403 403 403 403 302 403 403 403
GET    /desk/kb/deflection/                                 302 403 403 403 403 200 200 200 200 200 200 403
GET    /desk/kb/new/                                        302 403 403 403 403 403 403 403 200 403 403 403
POST   /desk/kb/new/                                        302 403 403 403 403 403 403 403 302 403 403 403
POST   /desk/kb/preview/                                    302 403 403 403 403 403 403 403 200 403 403 403
GET    /desk/kb/draft/edit/zh-hans/                         302 403 403 403 403 403 403 403 200 403 403 403
POST   /desk/kb/draft/edit/zh-hans/                         302 403 403 403 403 403 403 403 302 403 403 403
POST   /desk/kb/draft/readers/zh-hans/                      302 403 403 403 403 403 403 403 302 403 403 403
GET    /desk/kb/open/review/zh-hans/                        302 403 403 403 403 200 200 200 200 200 200 403
POST   /desk/kb/open/review/zh-hans/                        302 403 403 403 403 403 403 403 403 302 403 403
GET    /desk/kb/draft/review/zh-hans/                       302 403 403 403 403 404 404 404 404 404 404 403
POST   /desk/kb/draft/review/zh-hans/                       302 403 403 403 403 404 404 404 404 404 404 403
GET    /desk/kb/upkeep/                                     302 403 403 403 403 200 200 200 200 200 200 403
GET    /desk/kb/open/upkeep/                                302 403 403 403 403 403 403 403 200 403 403 403
POST   /desk/kb/open/confirmation/                          302 403 403 403 403 403 403 403 302 403 403 403
POST   /desk/kb/open/address/                               302 403 403 403 403 403 403 403 302 403 403 403
POST   /desk/kb/open/verified/                              302 403 403 403 403 403 403 403 302 403 403 403
POST   /desk/kb/open/files/                                 302 403 403 403 403 403 403 403 302 403 403 403
POST   /desk/kb/draft/autosave/zh-hans/                     302 403 403 403 403 403 403 403 200 403 403 403
POST   /desk/kb/draft/remarks/zh-hans/                      302 403 403 403 403 403 403 403 302 302 403 403
POST   /desk/kb/draft/remarks/{remark}/resolve/             302 403 403 403 403 403 403 403 302 302 403 403
GET    /kb/files/{picture}/                                 404 404 404 404 404 200 200 200 200 200 200 404
GET    /desk/kb/open/history/zh-hans/                       302 403 403 403 403 403 403 403 200 200 403 403
POST   /desk/kb/open/restore/zh-hans/1/                     302 403 403 403 403 403 403 403 302 403 403 403
GET    /desk/kb/from-ticket/{ticket}/                       302 403
POST   /desk/kb/from-ticket/{ticket}/                       302 403

# Comparisons of lists
GET    /reconcile/                                          302 200
POST   /reconcile/                                          302 302 302 422 302 422 422 422 422 422 422 422
GET    /reconcile/{compared}/                               302 200 200 200 404 404 404 404 404 404 404 404
GET    /reconcile/{filed}/                                  302 200 200 200 404 200 200 200 404 404 200 404
POST   /reconcile/{compared}/cancel/                        302 302 302 403 404 404 404 404 404 404 404 404
POST   /reconcile/{filed}/cancel/                           302 302 302 403 404 403 403 403 404 404 403 404
POST   /reconcile/{compared}/tickets/                       302 302 302 403 404 404 404 404 404 404 404 404
POST   /reconcile/{filed}/tickets/                          302 302 302 403 404 403 403 403 404 404 403 404
GET    /reconcile/{compared}/download/                      302 200 200 200 404 404 404 404 404 404 404 404
GET    /reconcile/{filed}/download/                         302 200 200 200 404 200 200 200 404 404 200 404

# The enterprise
GET    /tickets/                                            302 200
GET    /tickets/new/                                        302 200
POST   /tickets/new/                                        302 302 302 422 302 422 422 422 422 422 422 422
GET    /tickets/new/details/                                302
POST   /tickets/new/details/                                302
GET    /tickets/new/files/                                  302 200
GET    /tickets/new/review/                                 302
POST   /tickets/new/review/                                 302
POST   /tickets/new/discard/                                302
POST   /tickets/new/solved/ours/                            302 302 302 302 302 302 302 302 302 302 302 404
POST   /tickets/new/solved/inside/                          302 404 404 404 404 302 302 302 302 302 302 404
GET    /tickets/batches/new/                                302 200
POST   /tickets/batches/new/                                302 302 302 422 302 422 422 422 422 422 422 422
GET    /tickets/batches/template.xlsx                       302 200
GET    /tickets/batches/template.csv                        302 200
GET    /tickets/batches/{batch}/                            302 200 200 200 404 200 200 200 404 404 200 404
POST   /tickets/batches/{heads}/columns/                    302 302 302 403 404 403 403 403 404 404 403 404
POST   /tickets/batches/{batch}/file/                       302 302 302 403 404 403 403 403 404 404 403 404
POST   /tickets/batches/{batch}/cancel/                     302 302 302 403 404 403 403 403 404 404 403 404
GET    /tickets/batches/{batch}/report.xlsx                 302 200 200 200 404 200 200 200 404 404 200 404
GET    /tickets/batches/{batch}/report.csv                  302 200 200 200 404 200 200 200 404 404 200 404
GET    /tickets/{ticket}/invoices/                          302 200 200 200 404 302 302 302 404 404 302 404
GET    /tickets/{ticket}/                                   302 200 200 200 404 302 302 302 404 404 302 404
GET    /tickets/{ticket}/received/                          302 200 200 200 404 200 200 200 404 404 200 404
GET    /tickets/{ticket}/print/                             302 200 200 200 404 200 200 200 404 404 200 404
GET    /tickets/{ticket}/papers/                            302 200 200 200 404 200 200 200 404 404 200 404
GET    /tickets/{ticket}/papers/statement/                  302 200 200 403 404 200 200 200 404 404 200 404
GET    /tickets/{ticket}/papers/transfer_letter/            302 404 404 404 404 200 200 200 404 404 200 404
POST   /tickets/{ticket}/papers/statement/make/             302 302 302 403 404 302 302 302 404 404 302 404
GET    /tickets/{ticket}/papers/made/{paper}/               302 200 200 200 404 200 200 200 404 404 200 404
GET    /tickets/{ticket}/papers/made/{paper}/docx/          302 200 200 200 404 200 200 200 404 404 200 404
POST   /tickets/{ticket}/reply/                             302 302 302 403 404 302 403 403 404 404 302 404
POST   /tickets/{asked}/actions/answer/                     302 302 302 403 404 403 403 403 404 404 403 404
POST   /tickets/{ticket}/actions/answer/                    302 409 409 403 404 403 403 403 404 404 403 404
POST   /tickets/{ticket}/actions/accept/                    302 403 403 403 404 409 403 403 404 404 409 404
POST   /tickets/{ticket}/backfills/{papers}/upload_log/     302 302 302 403 404 302 302 403 404 404 403 404
GET    /checks/                                             302 200 200 200 200 302 302 302 200 200 302 200
GET    /checks/export/                                      302 200 200 200 200 302 302 302 200 200 302 200
GET    /checks/{invoice}/                                   302 200 200 200 404 302 302 302 404 404 302 404
POST   /checks/{invoice}/retry/                             302 409 409 403 404 409 409 409 404 404 409 404
GET    /checks/{settled}/still-missing/                       302 200 200 200 404 200 200 200 404 404 200 404
POST   /checks/{settled}/still-missing/                       302 302 302 403 404 302 403 403 404 404 302 404
GET    /notifications/                                      302 200
POST   /notifications/reminders/{reminder}/cancel/         302 302 404 404 404 404 404 404 404 404 404 404
POST   /notifications/read/                                 302
GET    /notifications/preferences/                          302 200
POST   /notifications/preferences/                          302

# Files
POST   /evidence/                                           302 201
GET    /evidence/{file}/file/                               302 200 200 200 404 200 200 200 404 404 200 404
GET    /evidence/{file}/preview/                            302 200 200 200 404 200 200 200 404 404 200 404
GET    /evidence/{log}/file/                               302 200 200 200 404 200 200 200 404 404 200 404
GET    /evidence/{log}/preview/                            302 200 200 200 404 200 200 200 404 404 200 404
GET    /desk/same-problem/                                 302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/tickets/{ticket}/same-problem/                302 403 403 403 403 200 200 200 403 403 200 403
GET    /evidence/{log}/original/                           302 403 403 403 404 403 403 403 404 404 200 404
POST   /evidence/{log}/original/                           302 403 403 403 404 403 403 403 404 404 200 404
GET    /evidence/{upload}/file/                             302 200 404 404 404 404 404 404 404 404 404 404
GET    /evidence/{upload}/preview/                          302 200 404 404 404 404 404 404 404 404 404 404
GET    /evidence/{file}/place/number/                       302 404
GET    /evidence/{note}/file/                               302 404 404 404 404 200 200 200 404 404 200 404
GET    /evidence/{note}/preview/                            302 404 404 404 404 200 200 200 404 404 200 404
GET    /evidence/{unchecked}/file/                          302 409 409 409 404 409 409 409 404 404 409 404
GET    /evidence/{unchecked}/preview/                       302 409 409 409 404 409 409 409 404 404 409 404

# The desk
GET    /desk/                                               302 403 403 403 403 302 302 302 302 302 302 302
GET    /desk/queue/triage/                                  302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/checks/                                        302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/checks/export/                                 302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/checks/{invoice}/                              302 403 403 403 403 200 200 200 403 403 200 403
POST   /desk/checks/{invoice}/retry/                        302 403 403 403 403 409 409 409 403 403 409 403
GET    /desk/checks/{settled}/still-missing/                  302 403 403 403 403 200 200 200 403 403 200 403
POST   /desk/checks/{settled}/still-missing/                  302 403 403 403 403 302 403 403 403 403 302 403
GET    /desk/calls/                                         302 403 403 403 403 403 403 403 403 403 200 200
GET    /desk/rules/                                         302 403 403 403 403 200 200 200 200 200 200 403
GET    /desk/lists/                                         302 403 403 403 403 200 200 200 403 403 200 403
POST   /desk/lists/                                         302 403 403 403 403 422 422 422 403 403 422 403
GET    /desk/tickets/{ticket}/                              302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/deadlines/                                     302 403 403 403 403 403 403 403 403 403 200 200
POST   /desk/deadlines/                                     302 403 403 403 403 403 403 403 403 403 302 302
GET    /desk/sla/                                           302 403 403 403 403 403 403 403 403 403 200 403
GET    /desk/sla/new/                                       302 403 403 403 403 403 403 403 403 403 200 403
POST   /desk/sla/new/                                       302 403 403 403 403 403 403 403 403 403 302 403
GET    /desk/sla/{policy}/                                  302 403 403 403 403 403 403 403 403 403 200 403
POST   /desk/sla/{policy}/                                  302 403 403 403 403 403 403 403 403 403 302 403
GET    /desk/papers/                                        302 403 403 403 403 403 403 403 200 403 200 403
GET    /desk/papers/statement/zh-hans/                      302 403 403 403 403 403 403 403 200 403 200 403
POST   /desk/papers/statement/zh-hans/                      302 403 403 403 403 403 403 403 302 403 302 403
GET    /desk/papers/statement/zh-hans/1/                    302 403 403 403 403 403 403 403 200 403 200 403
GET    /desk/tickets/{ticket}/print/                        302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/tickets/{ticket}/papers/                       302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/tickets/{ticket}/papers/statement/             302 403 403 403 403 200 200 200 403 403 200 403
POST   /desk/tickets/{ticket}/papers/statement/make/        302 403 403 403 403 302 302 302 403 403 302 403
GET    /desk/tickets/{ticket}/papers/made/{paper}/          302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/tickets/{ticket}/papers/made/{paper}/docx/     302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/tickets/{ticket}/articles/                     302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/tickets/{ticket}/history/                      302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/tickets/{ticket}/invoices/                     302 403 403 403 403 200 200 200 403 403 200 403
POST   /desk/tickets/{ticket}/invoices/bulk/                302 403 403 403 403 302 403 403 403 403 302 403
POST   /desk/tickets/{ticket}/incident/                     302 403 403 403 403 302 403 403 403 403 302 403
GET    /desk/status/incidents/{incident}/tickets/           302 403 403 403 403 200 200 200 403 403 200 403
POST   /desk/tickets/{ticket}/reply/                        302 403 403 403 403 302 403 403 403 403 302 403
POST   /desk/tickets/{ticket}/assign/                       302 403 403 403 403 302 403 403 403 403 302 403
POST   /desk/tickets/{ticket}/change/                       302 403 403 403 403 302 403 403 403 403 302 403
POST   /desk/tickets/{ticket}/proposal/                     302 403 403 403 403 302 403 403 403 403 302 403
POST   /desk/tickets/{fresh}/actions/accept/                302 403 403 403 403 302 403 403 403 403 302 403
POST   /desk/tickets/{ticket}/actions/accept/               302 403 403 403 403 409 403 403 403 403 409 403
POST   /desk/tickets/{ticket}/invoices/{invoice}/check/     302 403 403 403 403 302 302 302 403 403 302 403
POST   /desk/tickets/{ticket}/invoices/{invoice}/set-aside/ 302 403 403 403 403 302 403 403 403 403 302 403
POST   /desk/tickets/{ticket}/invoices/{invoice}/backfill/  302 403 403 403 403 302 302 403 403 403 302 403
GET    /desk/backfill/                                      302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/backfill/{papers}/                             302 403 403 403 403 200 200 200 403 403 200 403
POST   /desk/backfill/{papers}/actions/cancel/              302 403 403 403 403 302 302 403 403 403 302 403
POST   /desk/backfill/{papers}/actions/key/                 302 403 403 403 403 403 409 403 403 403 403 403
POST   /desk/backfill/{keyed}/actions/send_back/            302 403 403 403 403 403 403 302 403 403 403 403
POST   /desk/backfill/{papers}/materials/statement/         302 403 403 403 403 302 302 403 403 403 403 403
GET    /desk/backfill/{approved}/package/                   302 403 403 403 403 200 200 200 403 403 200 403
GET    /desk/backfill/{papers}/package/                     302 403 403 403 403 409 409 409 403 403 409 403

# API v1
GET    /api/v1/                                             200
GET    /api/v1/schema/                                      200
GET    /api/v1/docs/                                        200
POST   /api/v1/auth/token/                                  400
DELETE /api/v1/auth/token/                                  401 404
GET    /api/v1/me/                                          401 200
GET    /api/v1/kb/articles/                                 200
GET    /api/v1/kb/articles/open/                            200
GET    /api/v1/kb/articles/ours/                            404 200 200 200 200 200 200 200 200 200 200 404
GET    /api/v1/kb/articles/inside/                          404 404 404 404 404 200 200 200 200 200 200 404
GET    /api/v1/kb/articles/draft/                           404
POST   /api/v1/kb/articles/ours/feedback/                   404 201 201 201 201 201 201 201 201 201 201 404
POST   /api/v1/kb/articles/inside/feedback/                 404 404 404 404 404 201 201 201 201 201 201 404
GET    /api/v1/kb/suggest/                                  200
GET    /api/v1/status/                                      200
GET    /api/v1/batches/                                     401 200
POST   /api/v1/batches/                                     401 201 201 403 201 403 403 403 403 403 403 403
GET    /api/v1/batches/{batch}/                             401 200 200 200 404 200 200 200 404 404 200 404
GET    /api/v1/batches/{batch}/rows/                        401 200 200 200 404 200 200 200 404 404 200 404
GET    /api/v1/batches/{batch}/report/xlsx/                 401 200 200 200 404 200 200 200 404 404 200 404
GET    /api/v1/batches/{batch}/report/csv/                  401 200 200 200 404 200 200 200 404 404 200 404
POST   /api/v1/batches/{heads}/columns/                     401 200 200 403 404 403 403 403 404 404 403 404
POST   /api/v1/batches/{batch}/file/                        401 200 200 403 404 403 403 403 404 404 403 404
POST   /api/v1/batches/{batch}/cancel/                      401 200 200 403 404 403 403 403 404 404 403 404
GET    /api/v1/tickets/{ticket}/invoices/                   401 200 200 200 404 200 200 200 404 404 200 404
POST   /api/v1/evidence/                                    401 201
GET    /api/v1/evidence/{file}/                             401 200 200 200 404 200 200 200 404 404 200 404
GET    /api/v1/evidence/{upload}/                           401 200 404 404 404 404 404 404 404 404 404 404
GET    /api/v1/evidence/{note}/                             401 404 404 404 404 200 200 200 404 404 200 404
GET    /api/v1/evidence/{file}/file/                        401 200 200 200 404 200 200 200 404 404 200 404
POST   /api/v1/evidence/{log}/original/                   401 403 403 403 404 403 403 403 404 404 200 404
GET    /api/v1/evidence/{upload}/file/                      401 200 404 404 404 404 404 404 404 404 404 404
GET    /api/v1/evidence/{note}/file/                        401 404 404 404 404 200 200 200 404 404 200 404
GET    /api/v1/evidence/{unchecked}/file/                   401 409 409 409 404 409 409 409 404 404 409 404
POST   /api/v1/invoices/read/                               401 200
POST   /api/v1/invoices/validate/                           401 200
POST   /api/v1/packages/check/                              200
GET    /api/v1/reconciliations/                             401 200
POST   /api/v1/reconciliations/                             401 201 201 403 201 403 403 403 403 403 403 403
GET    /api/v1/reconciliations/{compared}/                  401 200 200 200 404 404 404 404 404 404 404 404
GET    /api/v1/reconciliations/{filed}/                     401 200 200 200 404 200 200 200 404 404 200 404
GET    /api/v1/reconciliations/{filed}/rows/                401 200 200 200 404 200 200 200 404 404 200 404
GET    /api/v1/reconciliations/{filed}/download/            401 200 200 200 404 200 200 200 404 404 200 404
POST   /api/v1/reconciliations/{waiting}/cancel/            401 200 200 403 404 404 404 404 404 404 404 404
POST   /api/v1/reconciliations/{filed}/tickets/             401 200 200 403 404 403 403 403 404 404 403 404
GET    /api/v1/invoices/{invoice}/checks/                   401 200 200 200 404 200 200 200 404 404 200 404
GET    /api/v1/checks/                                      401 200
POST   /api/v1/invoices/{invoice}/checks/                   401 403 403 403 404 201 201 201 404 404 201 404
GET    /api/v1/tickets/                                     401 200
POST   /api/v1/tickets/                                     401 201 201 403 201 403 403 403 403 403 403 403
GET    /api/v1/tickets/{ticket}/                            401 200 200 200 404 200 200 200 404 404 200 404
PATCH  /api/v1/tickets/{ticket}/                            401 403 403 403 404 200 403 403 404 404 200 404
GET    /api/v1/tickets/{ticket}/proposal/                   401 403 403 403 404 200 200 200 404 404 200 404
POST   /api/v1/tickets/{ticket}/proposal/decision/          401 403 403 403 404 200 403 403 404 404 200 404
GET    /api/v1/tickets/{ticket}/events/                     401 200 200 200 404 200 200 200 404 404 200 404
GET    /api/v1/tickets/{ticket}/messages/                   401 200 200 200 404 200 200 200 404 404 200 404
POST   /api/v1/tickets/{ticket}/messages/                   401 201 201 403 404 201 403 403 404 404 201 404
GET    /api/v1/tickets/{ticket}/actions/                    401 200 200 200 404 200 200 200 404 404 200 404
POST   /api/v1/tickets/{fresh}/actions/accept/              401 403 403 403 404 200 403 403 404 404 200 404
POST   /api/v1/tickets/{ticket}/actions/accept/             401 403 403 403 404 409 403 403 404 404 409 404
POST   /api/v1/tickets/{ticket}/actions/nothing/            401 404
GET    /api/v1/backfills/                                   401 200
POST   /api/v1/backfills/                                   401 403 403 403 400 201 201 403 400 400 201 400
GET    /api/v1/backfills/{papers}/                          401 200 200 200 404 200 200 200 404 404 200 404
POST   /api/v1/backfills/{papers}/actions/cancel/           401 403 403 403 404 200 200 403 404 404 200 404
POST   /api/v1/backfills/{keyed}/actions/send_back/         401 403 403 403 404 403 403 200 404 404 403 404
PUT    /api/v1/backfills/{papers}/materials/statement/      401 403 403 403 404 200 200 403 404 404 403 404
GET    /api/v1/backfills/{approved}/package/                401 403 403 403 404 200 200 200 404 404 200 404
GET    /api/v1/backfills/{papers}/package/                  401 403 403 403 404 409 409 409 404 404 409 404
GET    /api/v1/notifications/                               401 200
POST   /api/v1/notifications/read/                          401 200
"""
)
