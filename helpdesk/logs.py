"""Log lines: for machines as JSON, for whoever tries the service out as text; nobody's numbers in either."""

from __future__ import annotations

from typing import Any

import structlog

from helpdesk.common.masking import mask


def _masked(logger: Any, method: str, entry: Any) -> Any:
    for name in ("event", "exception"):
        if name in entry:
            entry[name] = mask(str(entry[name]))
    return entry


def config(level: str, *, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING."""
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            _masked,
        ],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
    }
