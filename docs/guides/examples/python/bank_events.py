"""Sends Mora an overdue account, a payment of it, and how far payments are sent.

    pip install kafka-python==3.0.12
    python3 bank_events.py localhost:9092
"""

import json
import sys
from datetime import datetime, timedelta, timezone

from kafka import KafkaProducer

CHINA = timezone(timedelta(hours=8))
SOURCE = "/bank/core"


def instant(at):
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def structured(event_type, event_id, data):
    """The whole event is the value."""
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": event_type,
        "time": instant(datetime.now(timezone.utc)),
        "datacontenttype": "application/json",
        "data": data,
    }
    headers = [("content-type", b"application/cloudevents+json")]
    return json.dumps(event, ensure_ascii=False).encode("utf-8"), headers


def binary(event_type, event_id, data):
    """The value is the data; what describes it is in headers."""
    headers = [
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode("utf-8")),
        ("ce_source", SOURCE.encode("utf-8")),
        ("ce_type", event_type.encode("utf-8")),
        ("ce_time", instant(datetime.now(timezone.utc)).encode("utf-8")),
    ]
    return json.dumps(data, ensure_ascii=False).encode("utf-8"), headers


def main(brokers):
    now = datetime.now(CHINA)
    today = now.date()
    # acks and idempotence: an event that the broker took is there once, whatever is tried again.
    producer = KafkaProducer(
        bootstrap_servers=brokers,
        acks="all",
        enable_idempotence=True,
        compression_type="gzip",
    )

    def send(topic, key, event):
        value, headers = event
        sent = producer.send(topic, key=key.encode("utf-8"), value=value, headers=headers).get(timeout=30)
        print(f"{sent.topic}/{sent.partition} @{sent.offset}")

    account = {
        "bank_event_id": f"py-account-{today}",
        "business_date": str(today),
        "customer_no": "C-PY-1",
        "name": "王小明",
        "surname": "王",
        "salutation": "先生",
        "phones": "+999100200300|registered|1",
        "account_id": "A-PY-1",
        "currency": "CNY",
        # Money is text: a JSON number with a fraction is refused.
        "minimum_due": "1000.00",
        "paid_since_statement": "0.00",
        "statement_balance": "5000.00",
        "due_date": str(today - timedelta(days=1)),
        "card_tail": "1234",
    }
    send("bank.overdue.v1", "A-PY-1", structured("bank.account.overdue.v1", account["bank_event_id"], account))

    payment = {
        "bank_event_id": f"py-payment-{today}",
        "business_date": str(today),
        "account_id": "A-PY-1",
        "payment_id": "P-PY-1",
        "amount": "400.00",
        "currency": "CNY",
        "value_date": str(today),
        "posted_at": instant(now),
        "remaining_minimum_due": "600.00",
    }
    send("bank.payments.v1", "A-PY-1", binary("bank.payment.posted.v1", payment["bank_event_id"], payment))

    # Only after everything before it was acknowledged: each send above has waited for that.
    through = {
        "bank_event_id": f"py-through-{instant(now)}",
        "business_date": str(today),
        "as_of": instant(now),
    }
    send("bank.payments.v1", "through", binary("bank.payments.posted-through.v1", through["bank_event_id"], through))
    producer.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "localhost:9092")
