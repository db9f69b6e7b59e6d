"""The part of the table of rights that is about accounts: see tests/access/table.py."""

ACCOUNTS = """
# Accounts
GET    /accounts/profile/                                   302 200
POST   /accounts/profile/                                   302
GET    /accounts/organisation/new/                          302 200
POST   /accounts/organisation/new/                          302
GET    /accounts/organisation/{alpha}/                      302 200 200 200 404 200 200 200 404 404 200 200
POST   /accounts/organisation/{alpha}/invite/               302 302 403 403 404 403 403 403 404 404 403 403
POST   /accounts/organisation/{alpha}/verify/               302 403 403 403 404 302 403 403 404 404 302 302
POST   /accounts/organisation/{alpha}/invitations/{invitation}/ 302 302 403 403 404 403 403 403 404 404 403 403
POST   /accounts/organisation/{alpha}/members/{guest}/role/ 302 302 403 403 404 403 403 403 404 404 403 403
POST   /accounts/organisation/{alpha}/members/{guest}/remove/ 302 302 403 403 404 403 403 403 404 404 403 403
GET    /accounts/invitation/nobody-knows-this/              404
POST   /accounts/invitation/nobody-knows-this/              404
GET    /accounts/desk/organisations/                        302 403 403 403 403 200 403 403 403 403 200 200
GET    /accounts/desk/people/                               302 403 403 403 403 403 403 403 403 403 403 200
POST   /accounts/desk/people/                               302 403 403 403 403 403 403 403 403 403 403 200
POST   /accounts/desk/people/{person}/                      302 403 403 403 403 403 403 403 403 403 403 302

# Signing in and out (allauth)
GET    /accounts/login/                                     200 302
POST   /accounts/login/                                     200 302
GET    /accounts/logout/                                    302 200
POST   /accounts/logout/                                    302
GET    /accounts/inactive/                                  200
GET    /accounts/signup/                                    200 302
POST   /accounts/signup/                                    200 302
GET    /accounts/reauthenticate/                            302 200
POST   /accounts/reauthenticate/                            302 200
GET    /accounts/email/                                     302 200
POST   /accounts/email/                                     302
GET    /accounts/confirm-email/                             200
GET    /accounts/confirm-email/nobody-knows-this/           200
POST   /accounts/confirm-email/nobody-knows-this/           404
GET    /accounts/password/change/                           302 200
POST   /accounts/password/change/                           302 200
GET    /accounts/password/set/                              302
POST   /accounts/password/set/                              302
GET    /accounts/password/reset/                            200
POST   /accounts/password/reset/                            200
GET    /accounts/password/reset/done/                       200
GET    /accounts/password/reset/key/1-nobody-knows-this/    200
POST   /accounts/password/reset/key/1-nobody-knows-this/    200
GET    /accounts/password/reset/key/done/                   200
GET    /accounts/login/code/confirm/                        302
POST   /accounts/login/code/confirm/                        302
"""
