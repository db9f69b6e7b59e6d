"""What gunicorn runs."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
application = get_wsgi_application()

# What is loaded now stays: the collector need not walk it again and again. A page makes some ten thousand objects, so
# it is looked at once a page instead of ten times.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
