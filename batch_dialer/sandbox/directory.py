"""The agents and campaigns of the sandbox. An ID with one of these beginnings has a fault; every other ID is valid.

`agent_missing…` is unknown, `agent_inactive…` not published, `agent_inbound…` made for inbound calls,
`agent_rehearsal…` a sandbox agent; `agent_reminder…` has placeholders in its texts, for an appointment's reminder.
`campaign_missing…` is unknown, `campaign_forbidden…` another account's, `campaign_paused…` (or draft, completed,
cancelled) not active; `campaign_scheduled…` schedules its calls instead of queueing them.
"""

from batch_dialer.sandbox.exchange import CAMPAIGN_AGENT
from batch_dialer.words import Status

MISSING_AGENT = "agent_missing"
INACTIVE_AGENT = "agent_inactive"
INBOUND_AGENT = "agent_inbound"
REHEARSAL_AGENT = "agent_rehearsal"
REMINDER_AGENT = "agent_reminder"

MISSING_CAMPAIGN = "campaign_missing"
FORBIDDEN_CAMPAIGN = "campaign_forbidden"
SCHEDULED_CAMPAIGN = "campaign_scheduled"

_GREETING = "Hello, this is a rehearsal."
_INSTRUCTIONS = "Say that nobody is called."
_REMINDER_GREETING = "Hello {{ customer_name }}, this is {{practice}}."
_REMINDER = "Remind of {{appointment_date}}, {{appointment_time}}, with {{dentist}}. Speak {language}. Add: {{note}}"
_CREATED = "2024-01-15T10:30:00Z"


def campaign_status(campaign_id: str) -> str:
    """Return the status of a campaign: the one that its ID begins with (`campaign_paused…`), or `active`."""
    idle = (status for status in ("draft", "paused", "completed", "cancelled"))
    return next((status for status in idle if campaign_id.startswith(f"campaign_{status}")), "active")


def first_status(campaign_id: str) -> Status:
    """Return the first status of the campaign's calls."""
    return Status.SCHEDULED if campaign_id.startswith(SCHEDULED_CAMPAIGN) else Status.QUEUED


def agent_record(agent_id: str) -> dict[str, object]:
    """Return an agent as Get Agent shows it."""
    reminds = agent_id.startswith(REMINDER_AGENT)
    instructions = _REMINDER if reminds else _INSTRUCTIONS
    return {
        "id": agent_id,
        "name": "Sandbox agent",
        "label": "Sandbox agent",
        "direction": "inbound" if agent_id.startswith(INBOUND_AGENT) else "outbound",
        "current_status": "draft" if agent_id.startswith(INACTIVE_AGENT) else "published",
        "is_sandbox": agent_id.startswith(REHEARSAL_AGENT),
        "initial_message": _REMINDER_GREETING if reminds else _GREETING,
        "trainings": [{"id": "training_sandbox", "subject": "Rehearsal", "instructions": instructions}],
        "created_at": _CREATED,
        "updated_at": _CREATED,
    }


def campaign_record(campaign_id: str) -> dict[str, object]:
    """Return a campaign as Get Campaign shows it."""
    return {
        "id": campaign_id,
        "name": "Sandbox campaign",
        "status": campaign_status(campaign_id),
        "agent_id": CAMPAIGN_AGENT,
        "timezone": "UTC",
        "created_at": _CREATED,
        "updated_at": _CREATED,
    }
