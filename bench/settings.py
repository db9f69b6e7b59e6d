"""The service as it is, with the floor's address beside its own and without the limit on requests a minute."""

from helpdesk.settings import *  # noqa: F403
from helpdesk.settings import REST_FRAMEWORK

ROOT_URLCONF = "bench.urls"
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"anon": None, "user": None}}
